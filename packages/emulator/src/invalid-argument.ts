/**
 * The TypeError for a bad argument: which one, what would be right, what came.
 * Text is shown cut to 60 characters, objects by their kind, so that no secret inside them is printed.
 */
export function invalidArgument(name: string, wanted: string, came: unknown): TypeError {
  return new TypeError(`${name} must be ${wanted}; got ${shown(came)}`);
}

/** The TypeError for a member that does not exist; nothing when `object` has only known ones. */
export function checkMembers(name: string, object: unknown, known: readonly string[]): void {
  if (!isRecord(object)) throw invalidArgument(name, "an object", object);
  const unknown = Object.keys(object).find((member) => !known.includes(member));
  if (unknown !== undefined) {
    throw new TypeError(`${name} has no member ${JSON.stringify(unknown)}; use one of ${known.join(", ")}`);
  }
}

/** True for an object with members: not null, not an array. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  if (typeof value === "string") {
    return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  }
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === "object" && value !== null) return "an object";
  return typeof value === "function" ? "a function" : String(value);
}
