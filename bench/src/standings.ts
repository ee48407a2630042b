import type { Contender } from "./contender.ts";
import type { BarChart, Table } from "./outcome.ts";
import type { Standing } from "./statistics.ts";

/** A table of who stands where against the floor. `scale` turns a value into the unit of its column. */
export function standingsTable(
  standings: readonly Standing[],
  contenders: readonly Contender[],
  { column, floor, scale = 1 }: { readonly column: string; readonly floor: string; readonly scale?: number },
): Table {
  return {
    columns: ["Contender", "Kind", column, `× ${floor}`, "Middle half of the rounds"],
    rows: standings.map(({ name, value, ratio, low, high }) => [
      name,
      groupOf(name, contenders),
      value * scale,
      ratio.toFixed(2),
      `${low.toFixed(2)}–${high.toFixed(2)}`,
    ]),
  };
}

/** The same as bars, without the floor's second run. */
export function standingsChart(
  standings: readonly Standing[],
  contenders: readonly Contender[],
  chart: Omit<BarChart, "bars">,
): BarChart {
  const bars = standings
    .filter(({ name }) => !name.endsWith(" again"))
    .map(({ name, ratio }) => ({ name, group: groupOf(name, contenders), value: ratio }));
  return { ...chart, bars };
}

/** Says which peers did better than ours, for the notes; nothing where ours did not run. */
export function peersBelow(
  ours: string,
  standings: readonly Standing[],
  contenders: readonly Contender[],
  better: string,
): string[] {
  const ratio = standings.find(({ name }) => name === ours)?.ratio;
  if (ratio === undefined) return [];
  const winners = standings.filter((each) => groupOf(each.name, contenders) === "peer" && each.ratio < ratio);
  const list = winners.map((each) => `${each.name} (${each.ratio.toFixed(2)})`).join(", ");
  return [`Peers that ${better} than \`${ours}\` (${ratio.toFixed(2)}): ${list || "none"}.`];
}

function groupOf(name: string, contenders: readonly Contender[]) {
  return contenders.find((contender) => contender.name === name)?.group ?? "peer";
}
