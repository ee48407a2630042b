/** A number as people read it: about three digits, thousands apart. */
export function formatNumber(value: number): string {
  const digits = Math.abs(value) >= 100 || Number.isInteger(value) ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

export function formatCell(cell: string | number): string {
  return typeof cell === "number" ? formatNumber(cell) : cell;
}

/** Numbers, or text that begins with a digit, such as a ratio with all of its places, stand to the right. */
export function isNumericColumn(rows: readonly (readonly (string | number)[])[], index: number): boolean {
  return rows.every((row) => typeof row[index] === "number" || /^\d/.test(row[index] ?? ""));
}
