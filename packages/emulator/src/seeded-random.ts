/** Repeatable random choices: the same seed makes the same sequence (mulberry32). */
export interface SeededRandom {
  /** A whole number from 0 to `below - 1`. */
  integer(below: number): number;
  pick<T>(choices: readonly T[]): T;
  /** A new array in another order. */
  shuffle<T>(items: readonly T[]): T[];
  /** Text in the shape of a version 4 UUID. */
  uuid(): string;
}

export function seededRandom(seed: number): SeededRandom {
  let state = (seed ^ (seed / 2 ** 32)) | 0;
  const integer = (below: number) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
  const pick = <T>(choices: readonly T[]) => choices[integer(choices.length)] as T;
  return {
    integer,
    pick,
    shuffle(items) {
      return items
        .map((item) => ({ item, order: integer(2 ** 31) }))
        .sort((a, b) => a.order - b.order)
        .map(({ item }) => item);
    },
    uuid() {
      const hex = Array.from({ length: 30 }, () => integer(16).toString(16)).join("");
      const variant = pick(["8", "9", "a", "b"]);
      return [
        hex.slice(0, 8),
        hex.slice(8, 12),
        `4${hex.slice(12, 15)}`,
        variant + hex.slice(15, 18),
        hex.slice(18),
      ].join("-");
    },
  };
}
