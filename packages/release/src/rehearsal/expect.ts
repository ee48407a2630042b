import { isDeepStrictEqual } from "node:util";

/** Throws where something is not as a rehearsal has it. */
export function expectEqual(what: string, actual: unknown, expected: unknown): void {
  if (isDeepStrictEqual(actual, expected)) return;
  throw new Error(`${what}: expected ${JSON.stringify(expected)}, not ${JSON.stringify(actual)}`);
}

export function expectMatch(what: string, output: string, expected: RegExp): void {
  if (!expected.test(output)) throw new Error(`${what}: expected ${expected}, not:\n${output}`);
}
