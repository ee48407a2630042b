import type { Outcome, Table } from "../outcome.ts";
import { formatCell, isNumericColumn } from "./format.ts";

/** An outcome for a terminal. */
export function renderText({ tables, verdicts, notes }: Outcome): string {
  return [
    ...tables.map(renderTable),
    ...verdicts.map(({ budget, measured, holds }) => `${holds ? "✓" : "✗"} ${budget}: ${measured}`),
    ...notes,
  ].join("\n");
}

function renderTable({ title, columns, rows }: Table): string {
  const cells = [columns, ...rows.map((row) => row.map(formatCell))];
  const widths = columns.map((_, index) => Math.max(...cells.map((row) => row[index]?.length ?? 0)));
  const isNumeric = columns.map((_, index) => isNumericColumn(rows, index));
  const lines = cells.map((row) =>
    row
      .map((cell, index) =>
        isNumeric[index] ? cell.padStart(widths[index] ?? 0) : cell.padEnd(widths[index] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
  return [...(title === undefined ? [] : [title]), ...lines, ""].join("\n");
}
