import { describe, expect, test } from "vitest";
import { durableObjectTokenStore, type TokenStoreNamespace } from "./durable-object-token-store.ts";

const keyValueNamespace = { get: async () => null, put: async () => {}, delete: async () => {} };

describe("what is no namespace of Durable Objects is refused, with what to do", () => {
  test.each([
    ["a binding that is missing", undefined],
    ["null", null],
    ["a variable", "PERSONIFY_TOKENS"],
    ["a KV namespace", keyValueNamespace],
    ["all of env", { TOKENS: keyValueNamespace }],
  ])("%s", (_name, namespace) => {
    expect(() => durableObjectTokenStore(namespace as unknown as TokenStoreNamespace)).toThrow(
      new TypeError(
        "durableObjectTokenStore: expected a namespace of Durable Objects; bind PersonifyTokenStore under durable_objects.bindings in your wrangler.jsonc, and pass that binding of env",
      ),
    );
  });
});

test("an error that is no mistake of the setup stays what it is", async () => {
  const overloaded = Object.assign(new Error("Durable Object is overloaded"), { overloaded: true });
  const fail = () => Promise.reject(overloaded);
  const store = durableObjectTokenStore({
    getByName: () => ({ get: fail, set: fail, lease: fail, release: fail }),
  });
  await expect(store.get("key", new AbortController())).rejects.toBe(overloaded);
});
