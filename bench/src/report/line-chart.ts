import type { LineChart } from "../outcome.ts";
import { colours, escapeText } from "./drawing.ts";
import { formatNumber } from "./format.ts";

const left = 70;
const right = 560;
const top = 40;
const bottom = 260;

/** A chart of lines, as an SVG: both of its scales are powers of ten, so that what grows in proportion is a straight line. */
export function renderLineChart({ title, unit, across, lines }: LineChart): string {
  const points = lines.flatMap((line) => line.points);
  const x = scaleFor(
    points.map((point) => point.x),
    left,
    right,
  );
  const y = scaleFor(
    points.map((point) => point.y),
    bottom,
    top,
  );
  const grid = [
    ...x.ticks.map(
      (tick) =>
        `  <line x1="${x.at(tick)}" y1="${top}" x2="${x.at(tick)}" y2="${bottom}" stroke="#e4e7eb"/>
  <text x="${x.at(tick)}" y="${bottom + 18}" text-anchor="middle">${formatNumber(tick)}</text>`,
    ),
    ...y.ticks.map(
      (tick) =>
        `  <line x1="${left}" y1="${y.at(tick)}" x2="${right}" y2="${y.at(tick)}" stroke="#e4e7eb"/>
  <text x="${left - 8}" y="${Number(y.at(tick)) + 4}" text-anchor="end">${formatNumber(tick)}</text>`,
    ),
  ];
  const drawn = lines.map(({ name, group, points: ofLine }, index) => {
    const path = ofLine.map((point) => `${x.at(point.x)},${y.at(point.y)}`).join(" ");
    const dots = ofLine.map(
      (point) => `  <circle cx="${x.at(point.x)}" cy="${y.at(point.y)}" r="3" fill="${colours[group]}"/>`,
    );
    return `  <polyline points="${path}" fill="none" stroke="${colours[group]}" stroke-width="2"/>
${dots.join("\n")}
  <rect x="${right + 16}" y="${top + 20 * index}" width="12" height="12" fill="${colours[group]}"/>
  <text x="${right + 34}" y="${top + 10 + 20 * index}">${escapeText(name)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 310" width="720" height="310" font-family="system-ui, sans-serif" font-size="12">
  <title>${escapeText(title)}</title>
  <rect width="720" height="310" fill="#ffffff"/>
  <text x="8" y="20" font-size="14" font-weight="bold">${escapeText(title)} (${escapeText(unit)}, logarithmic)</text>
${grid.join("\n")}
  <text x="${(left + right) / 2}" y="${bottom + 40}" text-anchor="middle">${escapeText(across)}</text>
${drawn.join("\n")}
</svg>
`;
}

/** Powers of ten that hold all values, with where each value stands between two ends. */
function scaleFor(values: readonly number[], from: number, to: number) {
  const lowest = Math.floor(Math.log10(Math.min(...values)));
  const highest = Math.max(lowest + 1, Math.ceil(Math.log10(Math.max(...values))));
  return {
    ticks: Array.from({ length: highest - lowest + 1 }, (_, index) => 10 ** (lowest + index)),
    at: (value: number) =>
      (from + ((Math.log10(value) - lowest) / (highest - lowest)) * (to - from)).toFixed(1),
  };
}
