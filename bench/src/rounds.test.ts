import { expect, test } from "vitest";
import { playRounds } from "./rounds.ts";

test("each takes one turn a round, and who begins rotates", async () => {
  const turns: string[] = [];
  const participants = ["a", "b", "c"].map((name) => ({
    name,
    async turn() {
      turns.push(name);
      return turns.length;
    },
  }));
  const rounds: number[] = [];
  const samples = await playRounds(participants, 4, (round) => rounds.push(round));
  expect(turns.join("")).toBe("abcbcacababc");
  expect(rounds).toEqual([1, 2, 3, 4]);
  expect(samples.get("a")).toEqual([1, 6, 8, 10]);
});

test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])(
  "a turn that ends in %d measured nothing",
  async (figure) => {
    const participants = [{ name: "a", turn: async () => figure }];
    await expect(playRounds(participants, 1)).rejects.toThrow(`a measured nothing: ${figure}`);
  },
);
