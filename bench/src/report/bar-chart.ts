import type { BarChart } from "../outcome.ts";
import { colours, escapeText } from "./drawing.ts";
import { formatNumber } from "./format.ts";

const row = 22;
const labels = 240;
const longest = 400;

/** A chart of horizontal bars, as an SVG; on a scale of powers of ten where the bars differ by more than 30 times. */
export function renderBarChart({ title, unit, bars }: BarChart): string {
  const values = bars.map(({ value }) => value);
  const greatest = Math.max(...values);
  const least = Math.min(...values.filter((value) => value > 0));
  const isLogarithmic = greatest / least > 30;
  const lengthOf = (value: number) => {
    if (value <= 0) return 0;
    if (!isLogarithmic) return (value / greatest) * longest;
    // The least has a bar of its own too.
    return (Math.log10((value / least) * 2) / Math.log10((greatest / least) * 2)) * longest;
  };
  const height = 44 + bars.length * row;
  const lines = bars.map(({ name, group, value }, index) => {
    const y = 36 + index * row;
    const length = lengthOf(value).toFixed(1);
    return `  <text x="${labels - 8}" y="${y + 14}" text-anchor="end">${escapeText(name)}</text>
  <rect x="${labels}" y="${y + 3}" width="${length}" height="${row - 6}" fill="${colours[group]}"/>
  <text x="${labels + Number(length) + 6}" y="${y + 14}">${formatNumber(value)}</text>`;
  });
  const scale = isLogarithmic ? ", logarithmic" : "";
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 ${height}" width="720" height="${height}" font-family="system-ui, sans-serif" font-size="12">
  <title>${escapeText(title)}</title>
  <rect width="720" height="${height}" fill="#ffffff"/>
  <text x="8" y="20" font-size="14" font-weight="bold">${escapeText(title)} (${escapeText(unit)}${scale})</text>
${lines.join("\n")}
</svg>
`;
}
