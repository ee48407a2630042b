import { inspect } from "node:util";
import fc from "fast-check";
import { beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { createSeal, type Seal } from "./seal.ts";

const secret = "the client secret";
const description = '["https://auth.example/token","the-client-id"]';

let seal: Seal;

beforeAll(async () => {
  seal = await createSeal(secret, description);
});

/** The version, and the bytes of the other two parts. */
function partsOf(sealed: string): { version: string; iv: Buffer; data: Buffer } {
  const [version = "", iv = "", data = "", ...rest] = sealed.split(".");
  expect(rest).toEqual([]);
  return { version, iv: Buffer.from(iv, "base64url"), data: Buffer.from(data, "base64url") };
}

function join({ version, iv, data }: { version: string; iv: Uint8Array; data: Uint8Array }): string {
  const encode = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64url");
  return `${version}.${encode(iv)}.${encode(data)}`;
}

describe("sealing", () => {
  test("a text that begins with a byte order mark comes back with it", async () => {
    expect(await seal.unseal(await seal.seal("\ufefftext"))).toBe("\ufefftext");
  });

  test("1 MiB of text comes back as it was", async () => {
    const text = "a€😀".repeat(131_072);
    expect(Buffer.byteLength(text)).toBe(1_048_576);
    expect((await seal.unseal(await seal.seal(text))) === text).toBe(true);
  });

  test("another seal with the same secret and description opens it", async () => {
    const other = await createSeal(secret, description);
    expect(await other.unseal(await seal.seal("text"))).toBe("text");
  });

  test("the same text is never sealed twice alike", async () => {
    const sealed = await Promise.all(Array.from({ length: 50 }, () => seal.seal("text")));
    expect(new Set(sealed).size).toBe(50);
    expect(new Set(sealed.map((one) => partsOf(one).iv.toString("hex"))).size).toBe(50);
  });

  test("it is AES-256-GCM's length and a fresh 96-bit nonce, in URL-safe characters", async () => {
    const sealed = await seal.seal("text");
    expect(sealed).toMatch(/^v1\.[\w-]+\.[\w-]+$/);
    const { iv, data } = partsOf(sealed);
    expect([iv.length, data.length]).toEqual([12, 4 + 16]);
  });
});

test("a key that could not be derived is derived the next time", async () => {
  const fresh = await createSeal(secret, description);
  onTestFinished(() => void vi.restoreAllMocks());
  vi.spyOn(crypto.subtle, "deriveKey").mockRejectedValueOnce(new Error("out of memory"));
  await expect(fresh.seal("text")).rejects.toThrow("out of memory");
  expect(await fresh.unseal(await fresh.seal("text"))).toBe("text");
});

describe("unsealing", () => {
  test("another secret opens nothing", async () => {
    const other = await createSeal("the client secreT", description);
    expect(await other.unseal(await seal.seal("text"))).toBeUndefined();
  });

  test("another description opens nothing", async () => {
    const other = await createSeal(secret, `${description} `);
    expect(await other.unseal(await seal.seal("text"))).toBeUndefined();
  });

  test("no bit of it can be flipped", async () => {
    const parts = partsOf(await seal.seal("a token and its lifetime"));
    const flips: string[] = [];
    for (const name of ["iv", "data"] as const) {
      for (let bit = 0; bit < parts[name].length * 8; bit++) {
        const bytes = Buffer.from(parts[name]);
        const index = bit >> 3;
        bytes[index] = (bytes[index] ?? 0) ^ (1 << (bit & 7));
        flips.push(join({ ...parts, [name]: bytes }));
      }
    }
    expect(flips.length).toBeGreaterThan(400);
    const opened = await Promise.all(flips.map((flipped) => seal.unseal(flipped)));
    expect(opened.filter((text) => text !== undefined)).toEqual([]);
  });

  test("nothing can be cut off or added, and no version swapped", async () => {
    const sealed = await seal.seal("text");
    const parts = partsOf(sealed);
    for (let length = 0; length < parts.data.length; length++) {
      expect(await seal.unseal(join({ ...parts, data: parts.data.subarray(0, length) }))).toBeUndefined();
    }
    expect(
      await seal.unseal(join({ ...parts, data: Buffer.concat([parts.data, Buffer.from([0])]) })),
    ).toBeUndefined();
    expect(await seal.unseal(join({ ...parts, version: "v2" }))).toBeUndefined();
    for (const added of [".", ".x", "=", "\n", " "]) {
      expect(await seal.unseal(sealed + added)).toBeUndefined();
    }
  });
});

describe("the key id", () => {
  test("is the same for the same secret and description", async () => {
    expect((await createSeal(secret, description)).keyId).toBe(seal.keyId);
  });

  test("differs by the secret and by the description", async () => {
    const others = await Promise.all([
      createSeal("another secret", description),
      createSeal(secret, "another description"),
      createSeal(description, secret),
    ]);
    expect(new Set([seal.keyId, ...others.map(({ keyId }) => keyId)]).size).toBe(4);
  });

  test("is a whole HMAC, not a piece of one", () => {
    expect(seal.keyId).toMatch(/^[\w-]{43}$/);
  });

  test("differs for any two descriptions", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), async (one, other) => {
        fc.pre(one !== other);
        const [first, second] = await Promise.all([createSeal(secret, one), createSeal(secret, other)]);
        expect(first.keyId).not.toBe(second.keyId);
      }),
    );
  });
});

test("neither the seal, its key id nor what it sealed reveals the secret, the description or the text", async () => {
  const text = "the access token";
  const shown = [inspect(seal, { showHidden: true, depth: null }), seal.keyId, await seal.seal(text)].join(
    "\n",
  );
  const bytes = Buffer.from(shown.replaceAll(".", ""), "base64url").toString("latin1");
  for (const hidden of [secret, description, "the-client-id", text]) {
    expect(shown).not.toContain(hidden);
    expect(shown).not.toContain(Buffer.from(hidden).toString("base64url"));
    expect(bytes).not.toContain(hidden);
  }
});
