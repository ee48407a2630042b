import { Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import { ConfigurationError } from "../errors.ts";
import { everythingPrintedOf } from "../secrets.test.support.ts";
import { type EncodedBody, encodeBody, maxReplayBytes, type RequestBody } from "./request-body.ts";
import { rejection } from "./test-server.test.support.ts";

async function bytesOf({ body }: EncodedBody): Promise<Uint8Array> {
  return new Uint8Array(await new Response((body ?? null) as string | ReadableStream | null).arrayBuffer());
}

function formOf(entries: Record<string, string | Blob>): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(entries)) form.append(name, value);
  return form;
}

const fileBytes = new Uint8Array([0, 1, 254, 255]);

describe("encoded as fetch does", () => {
  const backing = new Uint8Array([9, 9, 1, 2, 3, 9]);
  test.each<[string, NonNullable<RequestInit["body"]>]>([
    ["a string", "Grüße 日本"],
    ["an empty string", ""],
    ["URLSearchParams", new URLSearchParams({ a: "1&2", b: "ü" })],
    ["an ArrayBuffer", backing.buffer],
    ["a Uint8Array", backing],
    ["a part of a larger buffer", backing.subarray(2, 5)],
    ["a DataView", new DataView(backing.buffer, 2, 3)],
    ["a Uint16Array", new Uint16Array([1, 256, 65_535])],
    ["a Buffer", Buffer.from("from the pool")],
    ["a Blob without a type", new Blob(["x", fileBytes])],
    ["a Blob with a type", new Blob(["x"], { type: "image/png" })],
    ["a File", new File(["x"], "x.txt", { type: "text/csv" })],
  ])("%s: its bytes and content type", async (_what, body) => {
    const encoded = await encodeBody(body);
    // The runtime's own fetch classes are the oracle.
    const oracle = new Request("https://example.org", { method: "POST", body });
    expect(encoded.contentType).toBe(oracle.headers.get("content-type") ?? undefined);
    expect(await bytesOf(encoded)).toEqual(new Uint8Array(await oracle.arrayBuffer()));
    expect(encoded.replayable).toBe(true);
  });

  test("FormData: multipart with the boundary that its content type names", async () => {
    const encoded = await encodeBody(
      formOf({ text: "Grüße", file: new File([fileBytes], "a.bin", { type: "image/png" }) }),
    );
    expect(encoded.replayable).toBe(true);
    expect(encoded.contentType).toMatch(/^multipart\/form-data; boundary=/);
    const read = await new Response(encoded.body as Uint8Array<ArrayBuffer>, {
      headers: { "content-type": encoded.contentType ?? "" },
    }).formData();
    expect(read.get("text")).toBe("Grüße");
    const file = read.get("file") as File;
    expect([file.name, file.type]).toEqual(["a.bin", "image/png"]);
    expect(new Uint8Array(await file.arrayBuffer())).toEqual(fileBytes);
  });
});

test.each<[RequestBody, string]>([
  [{ a: 1, b: ["ü"] }, '{"a":1,"b":["ü"]}'],
  [{}, "{}"],
  [[1, null], "[1,null]"],
  [null, "null"],
  [0, "0"],
  [false, "false"],
  [new Date(0), '"1970-01-01T00:00:00.000Z"'],
  [{ toJSON: () => "own" }, '"own"'],
])("%o is sent as JSON", async (body, text) => {
  expect(await encodeBody(body)).toEqual({ body: text, contentType: "application/json", replayable: true });
});

const cyclic: Record<string, unknown> = { password: "s3cr3t" };
cyclic["self"] = cyclic;
const throwing = {
  toJSON() {
    throw new Error("s3cr3t");
  },
};

test.each<[string, unknown]>([
  ["a cycle", cyclic],
  ["a bigint", { s3cr3t: 1n }],
  ["a function", () => "s3cr3t"],
  ["a symbol", Symbol("s3cr3t")],
  ["what refuses to be JSON", throwing],
])("%s is refused, and not shown", async (_what, body) => {
  const error = await rejection(encodeBody(body as RequestBody));
  expect(error).toBeInstanceOf(ConfigurationError);
  expect(error).toMatchObject({ code: "invalid_option" });
  expect(everythingPrintedOf(error)).not.toContain("s3cr3t");
});

describe("sent again", () => {
  const atLimit = maxReplayBytes;

  test("the limit is 1 MiB", () => {
    expect(maxReplayBytes).toBe(1_048_576);
  });

  test.each<[string, (size: number) => RequestBody]>([
    ["a string", (size) => "x".repeat(size)],
    ["a Uint8Array", (size) => new Uint8Array(size)],
    ["an ArrayBuffer", (size) => new ArrayBuffer(size)],
    ["a Blob", (size) => new Blob([new Uint8Array(size)])],
    ["URLSearchParams", (size) => new URLSearchParams({ a: "x".repeat(size - 2) })],
    ["JSON", (size) => ["x".repeat(size - 4)]],
  ])("%s of 1 MiB can be, one byte more cannot", async (_what, make) => {
    expect((await encodeBody(make(atLimit))).replayable).toBe(true);
    expect((await encodeBody(make(atLimit + 1))).replayable).toBe(false);
  });

  test("it is bytes that count, not characters", async () => {
    expect((await encodeBody("ü".repeat(atLimit / 2))).replayable).toBe(true);
    expect((await encodeBody("ü".repeat(atLimit / 2 + 1))).replayable).toBe(false);
    expect((await encodeBody(["日".repeat(atLimit / 3)])).replayable).toBe(false);
  });

  test("FormData over 1 MiB cannot be", async () => {
    expect((await encodeBody(formOf({ a: "x".repeat(1_000) }))).replayable).toBe(true);
    expect((await encodeBody(formOf({ a: "x".repeat(atLimit) }))).replayable).toBe(false);
  });

  test("a stream cannot be, and is handed on unread", async () => {
    const stream = new ReadableStream<Uint8Array>();
    expect(await encodeBody(stream)).toEqual({ body: stream, contentType: undefined, replayable: false });
    expect(stream.locked).toBe(false);
  });
});

test("an async iterable and a Node stream are sent as the caller's own stream: once", async () => {
  async function* parts() {
    yield new TextEncoder().encode("in ");
    yield new TextEncoder().encode("parts");
  }
  for (const body of [parts(), Readable.from([Buffer.from("in "), Buffer.from("parts")])]) {
    const encoded = await encodeBody(body);
    expect([encoded.contentType, encoded.replayable]).toEqual([undefined, false]);
    expect(new TextDecoder().decode(await bytesOf(encoded))).toBe("in parts");
  }
});

test.each([
  ["a Map", new Map([["a", 1]])],
  ["a Set", new Set([1])],
  ["a promise", Promise.resolve({})],
  ["a function", () => {}],
])("%s is refused: as JSON it would be empty", async (_what, body) => {
  expect(await rejection(encodeBody(body))).toBeInstanceOf(ConfigurationError);
});

test("an object of a class, and one with toJSON, are data", async () => {
  class Exhibitor {
    readonly name = "a";
  }
  expect((await encodeBody(new Exhibitor())).body).toBe('{"name":"a"}');
  expect((await encodeBody({ at: new Date(0) })).body).toBe('{"at":"1970-01-01T00:00:00.000Z"}');
  expect((await encodeBody(new Date(0))).body).toBe('"1970-01-01T00:00:00.000Z"');
});
