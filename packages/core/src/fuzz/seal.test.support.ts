import fc from "fast-check";
import { createSeal, type Seal } from "../token/seal.ts";
import type { Property } from "./property.test.support.ts";

interface SealInput {
  readonly credentials: number;
  /** Others than those that seal. */
  readonly others: number;
  readonly text: string;
  readonly change: Change;
  /** A text that was never sealed. */
  readonly foreign: string;
}

/** A change of what was sealed; `at` from 0 to 1. */
interface Change {
  readonly kind: keyof typeof changes;
  readonly at: number;
  readonly char: string;
}

/** Secrets and descriptions that are easily taken for each other. */
const credentialSets: readonly (readonly [secret: string, description: string])[] = [
  ["secret", '["https://auth.example/token","client"]'],
  ["secreT", '["https://auth.example/token","client"]'],
  ["secret ", '["https://auth.example/token","client"]'],
  ["secret", '["https://auth.example/token","client "]'],
  ["secret", ""],
  ["s\u00e9cret", "x"],
  ["se\u0301cret", "x"],
];

const seals = new Map<number, Promise<Seal>>();

function sealOf(index: number): Promise<Seal> {
  const [secret, description] = credentialSets[index] ?? ["", ""];
  const seal = seals.get(index) ?? createSeal(secret, description);
  seals.set(index, seal);
  return seal;
}

const changes = {
  replace: (sealed: string, at: number, char: string) => sealed.slice(0, at) + char + sealed.slice(at + 1),
  insert: (sealed: string, at: number, char: string) => sealed.slice(0, at) + char + sealed.slice(at),
  cut: (sealed: string, at: number) => sealed.slice(0, at),
  "cut in front": (sealed: string, at: number) => sealed.slice(at + 1),
  append: (sealed: string, _at: number, char: string) => sealed + char,
  "append a part": (sealed: string, _at: number, char: string) => `${sealed}.${char}`,
  "drop the version": (sealed: string) => sealed.slice(3),
  "another version": (sealed: string) => sealed.replace("v1", "v2"),
  "swap the parts": (sealed: string) => sealed.split(".").toReversed().join("."),
  repeat: (sealed: string) => sealed + sealed,
  "other alphabet": (sealed: string) => sealed.replaceAll("-", "+").replaceAll("_", "/"),
  pad: (sealed: string) => `${sealed}=`,
};

const base64url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

export const seal: Property<SealInput> = {
  name: "seal",
  rule: "what was sealed comes back under the same credentials; changed in any way, or under others, it is a miss, as is any other text",
  inputs: fc.record({
    credentials: fc.nat(credentialSets.length - 1),
    others: fc.integer({ min: 1, max: credentialSets.length - 1 }),
    text: fc.oneof(
      fc.string({ unit: "binary" }),
      fc.json(),
      fc.constantFrom("", "\ufeff", "a".repeat(3_000)),
    ),
    change: fc.record({
      kind: fc.constantFrom(...(Object.keys(changes) as (keyof typeof changes)[])),
      at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
      char: fc.oneof(
        { weight: 4, arbitrary: fc.constantFrom(...base64url) },
        fc.constantFrom("\n", " ", "\t", "=", "+", "/", ".", "\0"),
        fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
      ),
    }),
    foreign: fc.oneof(
      fc.string({ unit: "binary" }),
      fc.tuple(fc.string(), fc.string()).map(([iv, data]) => `v1.${iv}.${data}`),
      fc.tuple(fc.base64String(), fc.base64String()).map(([iv, data]) => `v1.${iv}.${data}`),
    ),
  }),
  shares: { changed: 0.8 },
  async check({ credentials, others, text, change: { kind, at, char }, foreign }) {
    const own = await sealOf(credentials);
    const other = await sealOf((credentials + others) % credentialSets.length);
    const sealed = await own.seal(text);
    if ((await own.unseal(sealed)) !== text) throw new Error("It did not come back");
    if ((await other.unseal(sealed)) !== undefined) throw new Error("Other credentials opened it");
    if (own.keyId === other.keyId) throw new Error("Other credentials have its key id");
    if ((await own.unseal(foreign)) !== undefined) throw new Error(`It was opened: ${foreign}`);
    const changed = changes[kind](sealed, Math.floor(at * sealed.length), char);
    if (changed === sealed) return "not changed";
    if ((await own.unseal(changed)) !== undefined) throw new Error(`It was opened after ${kind}: ${changed}`);
    return "changed";
  },
};
