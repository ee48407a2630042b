import type { Result, Table } from "../outcome.ts";
import type { Task } from "../task.ts";
import { formatCell, isNumericColumn } from "./format.ts";

/** The part of docs/performance.md between a task's two marks. */
export function renderSection({ title, about }: Pick<Task, "title" | "about">, result: Result): string {
  const { verdicts, tables, charts, notes, again, rounds, machine, date } = result;
  const parts = [`## ${title}`, about];
  if (verdicts.length > 0) {
    const rows = verdicts.map(({ budget, measured, holds }) => [
      budget,
      measured,
      holds ? "kept" : "**missed**",
    ]);
    parts.push(renderTable({ columns: ["Budget", "Measured", ""], rows }));
  }
  parts.push(...charts.map((chart) => `![${chart.title}, ${chart.unit}](performance/${chart.name}.svg)`));
  parts.push(...tables.map(renderTable), ...notes);
  const agreement = again === undefined ? "" : `, ${rounds} rounds, A/A ${again.toFixed(3)}`;
  parts.push(`Measured ${date} on ${machine}${agreement}.`);
  return parts.join("\n\n");
}

export function renderTable({ title, columns, rows }: Table): string {
  const isNumeric = columns.map((_, index) => isNumericColumn(rows, index));
  const lines = [
    columns,
    isNumeric.map((numeric) => (numeric ? "---:" : "---")),
    ...rows.map((row) => row.map(formatCell)),
  ].map((cells) => `| ${cells.join(" | ")} |`);
  return [...(title === undefined ? [] : [`**${title}**`, ""]), ...lines].join("\n");
}
