import { expect, test } from "vitest";
import { findContender } from "./contenders.ts";
import { peersBelow } from "./standings.ts";

const contenders = ["get", "axios", "got"].map(findContender);
const standing = (name: string, ratio: number) => ({ name, value: ratio, ratio, low: ratio, high: ratio });

test("tells which peers did better than ours, and nothing where ours did not run", () => {
  const peers = [standing("axios", 0.5), standing("got", 2)];
  expect(peersBelow("get", [...peers, standing("get", 1)], contenders, "cost less")).toEqual([
    "Peers that cost less than `get` (1.00): axios (0.50).",
  ]);
  expect(peersBelow("get", peers, contenders, "cost less")).toEqual([]);
});
