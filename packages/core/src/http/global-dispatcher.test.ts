import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const run = promisify(execFile);
const core = JSON.stringify(join(import.meta.dirname, "../index.ts"));

/** Runs a module in a process of its own, since what is global is set once, and parses what it prints. */
async function runModule(code: string): Promise<unknown> {
  const args = ["--conditions=@personify-auth/source", "--input-type=module", "--eval", code];
  const { stdout } = await run(process.execPath, args, { cwd: import.meta.dirname });
  return JSON.parse(stdout);
}

const mock = `
import { MockAgent, setGlobalDispatcher } from "undici7";
const mock = new MockAgent();
mock.disableNetConnect();
const api = mock.get("https://api.example.invalid");
api.intercept({ path: "/token", method: "POST" }).reply(200, { access_token: "mocked", expires_in: 100 }).persist();
api.intercept({ path: "/x" }).reply(200, { mocked: true }).persist();
`;
const calls = `
const client = createPersonifyClient({
  clientId: "id", clientSecret: "secret", tenantId: false, retry: false,
  apiBaseUrl: "https://api.example.invalid", tokenUrl: "https://api.example.invalid/token",
});
const answers = [
  await client.get("/x"),
  await (await client.fetch("/x")).json(),
  await (await fetch("https://api.example.invalid/x")).json(),
];
console.log(JSON.stringify(answers));
`;
const mocked = { mocked: true };

test("an older undici's global mock, set before this package is loaded, is used and stays set for fetch", async () => {
  const code = `${mock} setGlobalDispatcher(mock);
    const { createPersonifyClient } = await import(${core}); ${calls}`;
  expect(await runModule(code)).toEqual([mocked, mocked, mocked]);
});

test("an older undici's global mock, set after this package is loaded, is used: nothing goes to the network", async () => {
  const code = `import { createPersonifyClient } from ${core}; ${mock} setGlobalDispatcher(mock); ${calls}`;
  expect(await runModule(code)).toEqual([mocked, mocked, mocked]);
});
