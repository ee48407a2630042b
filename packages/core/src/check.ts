import { ConfigurationError } from "./errors.ts";

/** setTimeout fires at once beyond this. */
const maxTimeout = 2 ** 31 - 1;

/** Throws where `value` has a key that is not in `names`; a misspelt option must not be silently ignored. */
export function refuseUnknown(prefix: string, value: object, names: ReadonlySet<string>): void {
  for (const name of Object.keys(value)) {
    if (!names.has(name)) {
      throw new ConfigurationError(
        `Option ${prefix}${name} does not exist; use one of ${[...names].join(", ")}`,
      );
    }
  }
}

/** A number of ms that a timer can hold. */
export function readMs(name: string, value: unknown): number {
  if (typeof value === "number" && value >= 1 && value <= maxTimeout) return value;
  throw invalid(name, `a number of ms from 1 to ${maxTimeout}`, value);
}

/** The error for an option at fault. Shows the value only where it is a short plain one. */
export function invalid(name: string, expected: string, value: unknown): ConfigurationError {
  return new ConfigurationError(`Option ${name}: expected ${expected}, got ${describeValue(value)}`);
}

/** A value in an error: whole where it is short and plain, otherwise its kind. */
export function describeValue(value: unknown): string {
  // An address with a user part holds a password; a query or a long text may hold anything.
  if (typeof value === "string") {
    return value.length <= 80 && !/[@?#]/.test(value)
      ? JSON.stringify(value)
      : `a string of ${value.length} characters`;
  }
  if (typeof value === "number" || typeof value === "boolean" || value === undefined || value === null)
    return String(value);
  return Array.isArray(value) ? "an array" : `a value of type ${typeof value}`;
}

/** Whether `value` can hold named settings. */
export function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Throws where `value` cannot hold named values. */
export function checkObject(name: string, value: unknown): asserts value is object {
  if (!isObject(value)) throw invalid(name, "an object", value);
}

/** Throws for what an async function returned where a value was needed: the value comes too late to be used. */
export function refusePromise(name: string, value: unknown): void {
  if (typeof value !== "object" || value === null || !("then" in value)) return;
  // Its rejection is no one's to handle, and would end the process.
  Promise.resolve(value).catch(() => {});
  throw new ConfigurationError(
    `Option ${name}: expected a plain value, got a promise; await it first, or make the function synchronous`,
  );
}
