import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const command = [
  process.execPath,
  ["--conditions=@personify-auth/source", join(import.meta.dirname, "demo.ts")],
] as const;

const measured = {
  coldCalls: 200,
  tokenRequests: 1,
  coldFailures: 0,
  pageItems: 20,
  reuseTokenRequests: 0,
  tenantMixups: 0,
  rejectionTokenRequests: 1,
  rejectionFailures: 0,
  turnoverFailures: 0,
  wrongSecretTokenRequests: 1,
};

it("prints the figures that it measured as one line of JSON, for each app", async () => {
  const { stdout } = await promisify(execFile)(command[0], [...command[1], "--app", "all", "--json"]);
  const lines = stdout.trim().split("\n");
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({
    express: measured,
    koa: measured,
    hono: measured,
    edge: measured,
    claims: 28,
    claimsHeld: 28,
  });
}, 120_000);

it("tells its story in plain text when piped, and leaves the app running to be tried", async () => {
  const demo = spawn(command[0], [...command[1], "--serve"], { stdio: ["ignore", "pipe", "pipe"] });
  // Not inherited: what it prints is searched for tokens on its way.
  demo.stderr.pipe(process.stderr, { end: false });
  try {
    const story = await readUntil(demo, "tokens/revoke'\n");
    expect(story.match(/^✓ /gm)).toHaveLength(7);
    expect(story).not.toContain("✗");
    expect(story).not.toContain("\u001b[");
    expect(story).toContain("7 of 7 claims hold");
    const [, console] = /open in a browser:\n {2}(http:\S+)\n/.exec(story) ?? [];
    expect(await (await fetch(console ?? "")).text()).toContain("<title>Personify emulator</title>");
    const [, header, url] = /curl -H '(X-Tenant-Id: [^']+)' -H 'Accept: [^']+' '([^']+)'/.exec(story) ?? [];
    const page = await fetch(url ?? "", { headers: [(header ?? "").split(": ") as [string, string]] });
    expect(page.status).toBe(200);
    const [, body, revoke] =
      /curl -H 'Content-Type: application\/json' -d '([^']+)' '([^']+)'/.exec(story) ?? [];
    const headers = { "content-type": "application/json" };
    const answer = await fetch(revoke ?? "", { method: "POST", headers, body: body ?? "" });
    expect(await answer.json()).toEqual({ revoked: expect.any(Number) });
    demo.kill("SIGINT");
    const [code] = await once(demo, "exit");
    expect(code).toBe(0);
  } finally {
    demo.kill("SIGKILL");
  }
}, 60_000);

it("prints metrics and a trace of its run with --otel", async () => {
  const { stdout } = await promisify(execFile)(command[0], [...command[1], "--otel"]);
  expect(stdout).toContain("7 of 7 claims hold");
  expect(stdout).toMatch(
    /^ {2}personify_call_duration_count\{.*url_template="\/api\/v1\/exhibitor\/.+"} \d+$/m,
  );
  expect(stdout).toMatch(/^ {2}personify_token_request_duration_count\{personify_key_id=".+"} \d+$/m);
  const trace = /call whose token was rejected\n((?: {2,}.+\n)+)/.exec(stdout)?.[1];
  const [call, ...below] = trace?.trimEnd().split("\n") ?? [];
  expect(call).toMatch(/^ {2}GET \/api\/v1\/exhibitor\/event\/\{eventId\} at 0.0 ms, took [\d.]+ ms 200$/);
  // By name: the clocks of spans and events may differ by 1 ms.
  expect(below.map((line) => line.replace(/ at .+$/, "")).sort()).toEqual([
    "    Personify token request",
    "    · call_replayed",
    "    · token_rejected",
  ]);
}, 60_000);

it("names its flags where one is unknown, and where it is asked to", async () => {
  const usage = expect.stringMatching(/^Usage: demo .*\n$/);
  for (const wrong of [
    ["--jsno"],
    ["--app", "fastify"],
    ["--app", "all", "--serve"],
    ["--app", "all", "--otel"],
  ]) {
    const run = promisify(execFile)(command[0], [...command[1], ...wrong]);
    await expect(run).rejects.toMatchObject({ code: 2, stderr: usage });
  }
  const run = promisify(execFile)(command[0], [...command[1], "--help"]);
  expect(await run).toEqual({ stdout: usage, stderr: "" });
});

async function readUntil(child: ChildProcess, text: string): Promise<string> {
  let output = "";
  for await (const chunk of child.stdout?.setEncoding("utf8") ?? []) {
    output += chunk;
    if (output.includes(text)) break;
  }
  return output;
}
