import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Emulator, type LoggedRequest, startEmulator } from "@personify-auth/emulator";
import { startServer } from "@personify-auth/runtimes";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { usePacked } from "./packed.test.support.ts";
import { startLoopback } from "./proxied-loopback.test.support.ts";
import { listRecipes, prepareRecipe, type Recipe, runShell } from "./recipe.test.support.ts";

const versions = {
  "@nestjs/common": "12.5.1",
  "@nestjs/core": "12.5.1",
  "@nestjs/platform-express": "12.5.1",
  "@types/express": "5.0.6",
  "@types/node": "24.19.2",
  "@types/react": "19.3.0",
  express: "5.3.0",
  fastify: "5.12.8",
  next: "16.4.6",
  "openapi-fetch": "0.17.0",
  "p-limit": "7.3.3",
  proxy: "4.1.0",
  react: "19.3.1",
  "react-dom": "19.3.1",
  "reflect-metadata": "0.2.2",
  rxjs: "7.8.2",
  selfsigned: "5.5.0",
  typescript: "7.0.2",
  undici: "8.13.1",
};

const strict = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: true,
  target: "es2024",
  module: "nodenext",
  types: ["node"],
};

/** For code that Node runs as it stands. */
const stripped = {
  ...strict,
  noEmit: true,
  erasableSyntaxOnly: true,
  verbatimModuleSyntax: true,
  allowImportingTsExtensions: true,
};

const nest = {
  ...strict,
  rootDir: "src",
  outDir: "dist",
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
};

const { all } = usePacked();
let emulator: Emulator;
/** By recipe. Installing is most of the work, so it is done for two at a time. */
const preparations = new Map<string, () => Promise<void>>();

beforeAll(async () => {
  const waiting = preparations.values();
  await Promise.all([prepareThese(waiting), prepareThese(waiting)]);
});

async function prepareThese(waiting: Iterable<() => Promise<void>>): Promise<void> {
  for (const prepare of waiting) await prepare();
}

beforeEach(async () => {
  emulator = await startEmulator();
});
afterEach(() => emulator.close());

/** Prepares a recipe for the tests of the current `describe`. */
function useRecipe(
  name: string,
  { besides = [], ...setup }: Partial<Parameters<typeof prepareRecipe>[1]> = {},
): Recipe {
  const recipe = {} as { -readonly [Member in keyof Recipe]: Recipe[Member] };
  preparations.set(name, async () => {
    const packages = ["@types/node", ...besides];
    const defaults = { packed: all(), versions, compilerOptions: stripped };
    Object.assign(recipe, await prepareRecipe(name, { ...defaults, ...setup, besides: packages }));
  });
  afterAll(() => recipe.remove?.());
  it("compiles with what it says to install", () => expect(recipe.problems).toBe(""));
  return recipe;
}

describe.each([
  {
    name: "fastify",
    setup: {},
    start: ["server.ts"],
    badRequest: "Bad Request",
  },
  {
    name: "nestjs",
    setup: {
      compilerOptions: nest,
      besides: [
        "@nestjs/common",
        "@nestjs/core",
        "@nestjs/platform-express",
        "reflect-metadata",
        "rxjs",
        "@types/express",
      ],
    },
    start: ["dist/main.js"],
    badRequest: '{"statusCode":400,"message":"Bad Request"}',
  },
  {
    name: "nextjs",
    setup: {
      compilerOptions: { ...strict, module: "esnext", moduleResolution: "bundler" },
      build: buildNext,
      besides: ["next", "react", "react-dom", "@types/react", "typescript"],
    },
    start: ["node_modules/next/dist/bin/next", "start"],
    badRequest: "Bad Request",
  },
])("$name", ({ name, setup, start: [script = "", ...args], badRequest }) => {
  const recipe = useRecipe(name, setup);
  let server: Awaited<ReturnType<typeof startServer>>;

  beforeEach(async () => {
    const env = { ...emulator.env, NODE_ENV: "production" };
    server = await startServer(join(recipe.folder, script), { cwd: recipe.folder, env, args });
  });
  afterEach(() => server.stop());

  const ask = (eventId: string | undefined, headers: Record<string, string>) =>
    fetch(`${server.url}/exhibitors/${eventId}`, { headers });

  it("answers each tenant with its own, on one token", async () => {
    const answers = await Promise.all(
      emulator.tenants.map(async ({ id, events }) => {
        const answer = await ask(events[0]?.id, { "x-tenant-id": id });
        const page = (await answer.json()) as { data: { eventId: string }[] };
        return [answer.status, page.data[0]?.eventId];
      }),
    );
    expect(answers).toEqual(emulator.tenants.map(({ events }) => [200, events[0]?.id]));
    expect(emulator.requests({ kind: "token" }).length).toBe(1);
    for (const { id } of emulator.tenants) {
      expect(emulator.requests({ kind: "api", tenantId: id }).length).toBe(1);
    }
  });

  it("answers a request without a tenant with 400 and no detail, and calls nothing", async () => {
    const answer = await ask(emulator.tenants[0]?.events[0]?.id, {});
    expect([answer.status, await answer.text()]).toEqual([400, badRequest]);
    expect(emulator.requests()).toEqual([]);
  });

  it("answers 503 with Retry-After while the API throttles", async () => {
    emulator.faults.add({ on: "api", kind: "status", status: 429, retryAfter: 30 });
    const [tenant] = emulator.tenants;
    const answer = await ask(tenant?.events[0]?.id, { "x-tenant-id": tenant?.id ?? "" });
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "30"]);
    expect(await answer.text()).not.toContain("/api/");
  });
});

/** Builds a Next.js app, which checks its types as well, and returns what went wrong. Has no credentials. */
async function buildNext(folder: string): Promise<string> {
  const environment = { NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" };
  const { code, stdout, stderr } = await runShell(
    folder,
    "node node_modules/next/dist/bin/next build",
    environment,
    100_000,
  );
  return code === 0 ? "" : stdout + stderr;
}

describe("script.md", () => {
  const recipe = useRecipe("script");
  const withEvent = () => ({
    ...emulator.env,
    EVENT_ID: emulator.tenants[0]?.events[0]?.id ?? "",
  });
  const writeEnvironment = (variables: Record<string, string>) =>
    writeFile(
      join(recipe.folder, ".env"),
      Object.entries(variables)
        .map((pair) => pair.join("="))
        .join("\n"),
    );

  it("reads all pages and ends, though the server would keep its connections open for a minute", async () => {
    await writeEnvironment(withEvent());
    const [command = ""] = recipe.commands;
    const { code, stdout } = await runShell(recipe.folder, command, {});
    expect(stdout).toMatch(/^(\d+\t.+\n){140}$/);
    expect(code).toBe(0);
    expect(emulator.requests({ kind: "api" }).length).toBe(3);
    expect(emulator.requests({ kind: "token" }).length).toBe(1);
  });

  it("ends with 1 and the reason, without the secret, where the secret is wrong", async () => {
    await writeEnvironment({ ...withEvent(), PERSONIFY_CLIENT_SECRET: "not-the-secret" });
    const { code, stderr } = await runShell(recipe.folder, recipe.commands[0] ?? "", {});
    expect(code).toBe(1);
    expect(stderr).toContain("invalid_client");
    expect(stderr).not.toContain("not-the-secret");
  });

  it("prints a token that the API accepts", async () => {
    // Into a file: what a test prints holds no token.
    await runShell(recipe.folder, "node token.ts > token.txt", emulator.env);
    const token = await readFile(join(recipe.folder, "token.txt"), "utf8");
    const headers = { authorization: `Bearer ${token}`, "x-tenant-id": emulator.credentials.tenantId };
    expect((await fetch(`${emulator.apiBaseUrl}/api/v1/whoami`, { headers })).status).toBe(200);
  });
});

const wrongPath = `import createClient from "openapi-fetch";
import type { paths } from "./personify-api.ts";
// @ts-expect-error a path that the API does not have
createClient<paths>().GET("/api/v1/exhibitors", {});
`;

describe.each([
  { name: "openapi-fetch", exhibitors: 20, calls: 1, atOnce: 1, more: { "wrong.ts": wrongPath } },
  { name: "concurrency-limit", exhibitors: 140, calls: 14, atOnce: 5, more: {} },
])("$name", ({ name, exhibitors, calls, atOnce, more }) => {
  const recipe = useRecipe(name, { more });
  const start = (eventId = emulator.tenants[0]?.events[0]?.id ?? "") =>
    runShell(recipe.folder, "node exhibitors.ts", { ...emulator.env, EVENT_ID: eventId });

  it("prints the event's exhibitors, on one token", async () => {
    const { stdout } = await start();
    expect(stdout.trim().split("\n").length).toBe(exhibitors);
    expect(emulator.requests({ kind: "token" }).length).toBe(1);
    expect(emulator.requests({ kind: "api" }).every(({ tenantId }) => tenantId !== undefined)).toBe(true);
  });

  it("fails for an event that the API does not know", async () => {
    const { code, stderr } = await start("unknown");
    expect(code).toBe(1);
    expect(stderr).toContain("HTTP 404");
  });

  it("has as many calls in flight as it says, and never more", async () => {
    emulator.faults.add({ on: "api", kind: "latency", ms: 250, times: Number.POSITIVE_INFINITY });
    await start();
    const requests = emulator.requests({ kind: "api" });
    expect(requests.length).toBe(calls);
    expect(mostInFlight(requests)).toBe(atOnce);
  });
});

function mostInFlight(requests: readonly LoggedRequest[]): number {
  // The log counts arrivals in whole ms: two that follow each other seem to overlap by one.
  const spans = requests.map(({ at, durationMs = 0 }) => ({ from: at, to: at + durationMs - 2 }));
  return Math.max(
    ...spans.map(({ from }) => spans.filter((each) => each.from <= from && from < each.to).length),
  );
}

describe("proxy.md", () => {
  let loopback: Awaited<ReturnType<typeof startLoopback>>;
  const recipe = useRecipe("proxy", { besides: ["proxy", "selfsigned"] });

  beforeEach(async () => {
    loopback = await startLoopback(recipe.folder, emulator);
  });
  afterEach(() => loopback.close());

  const throughHere = (example: string) => example.replace("http://proxy.example:3128", loopback.proxyUrl);
  const start = (command: string) => {
    const { apiUrl, tokenUrl, certificate } = loopback;
    // Lower-case names come first where both are set.
    const none = {
      https_proxy: undefined,
      http_proxy: undefined,
      no_proxy: undefined,
      HTTP_PROXY: undefined,
    };
    return runShell(recipe.folder, throughHere(command), {
      ...emulator.env,
      ...none,
      PERSONIFY_API_BASE_URL: apiUrl,
      PERSONIFY_TOKEN_URL: tokenUrl,
      NODE_EXTRA_CA_CERTS: certificate,
    });
  };
  const throughProxy = () => {
    expect(loopback.tunnels.toSorted()).toEqual(
      [new URL(loopback.tokenUrl).host, new URL(loopback.apiUrl).host].toSorted(),
    );
    expect(loopback.connections()).toBe(2);
  };

  it("sends the token request and the call through the proxy that the environment names", async () => {
    const [command = ""] = recipe.commands;
    const { stdout } = await start(command.replace(" NO_PROXY=localhost", ""));
    expect(stdout).toContain(emulator.credentials.tenantId);
    throughProxy();
  });

  it("goes around the proxy to a host on NO_PROXY", async () => {
    const { stdout } = await start(recipe.commands[0] ?? "");
    expect(stdout).toContain(emulator.credentials.tenantId);
    expect(loopback.tunnels).toEqual([]);
  });

  it("sends both through the proxy of a dispatcher", async () => {
    const code = await readFile(join(recipe.folder, "app-with-dispatcher.ts"), "utf8");
    await writeFile(join(recipe.folder, "app-here.ts"), throughHere(code));
    const { stdout } = await start("node app-here.ts");
    expect(stdout).toContain(emulator.credentials.tenantId);
    throughProxy();
  });
});

describe("testing.md", () => {
  const recipe = useRecipe("testing", { besides: ["@types/express"] });

  it("passes, with nothing left open", async () => {
    const { code, stdout } = await runShell(recipe.folder, "node --test --test-reporter=tap", {});
    expect(stdout).toMatch(/^# pass 3\n# fail 0$/m);
    expect(code).toBe(0);
  });
});

it("tries every recipe", async () => {
  expect([...preparations.keys()].sort()).toEqual(await listRecipes());
});
