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
  const said: string[] = [];
  const samples = await playRounds(participants, { rounds: 4, say: (line) => said.push(line) });
  expect(turns.join("")).toBe("abcbcacababc");
  expect(said).toEqual([1, 2, 3, 4].map((round) => `round ${round} of 4`));
  expect(samples.get("a")).toEqual([1, 6, 8, 10]);
});

test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])(
  "a turn that ends in %d measured nothing",
  async (figure) => {
    const participants = [{ name: "a", turn: async () => figure }];
    await expect(playRounds(participants, { rounds: 1, say: () => {} })).rejects.toThrow(
      `a measured nothing: ${figure}`,
    );
  },
);
