import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Emulator, startEmulator } from "@personify-auth/emulator";
import { startWorkers } from "@personify-auth/runtimes";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  copyConsumer,
  emulatorVariables,
  makeFolder,
  npmInstall,
  runNode,
  startNode,
  typeErrors,
  usePacked,
  writeExample,
} from "./packed.test.support.ts";

const { find } = usePacked();

/** The pages whose first example is a script, with what it prints. */
const scripts: Record<string, [readme: string, output: RegExp][]> = {
  core: [
    ["packages/core/README.md", /^(.+\n){140}$/],
    ["docs/errors.md", /^api_error: The API answered GET \/api\/v1\/no-such-path with HTTP 404; check/],
    ["packages/emulator/README.md", /paginationMetadata:[\s\S]*POST \/connect\/token 200/],
  ],
  otel: [["packages/otel/README.md", /^140\n$/]],
};

/** The READMEs whose first example is a Worker. */
const workers: Record<string, string[]> = {
  cloudflare: ["packages/cloudflare/README.md"],
};

/** The READMEs whose first example is a server. */
const servers: Record<string, string[]> = {
  express: ["README.md", "packages/express/README.md"],
  koa: ["packages/koa/README.md"],
  hono: ["packages/hono/README.md"],
};

describe.each([
  ["core", "nothing else", []],
  ["express", "Express 5", ["express@5.3.0", "@types/express@5.0.6"]],
  ["express", "Express 4", ["express@4.22.3", "@types/express@4.17.25"]],
  ["koa", "Koa 3", ["koa@3.3.0", "@types/koa@3.0.3"]],
  ["koa", "Koa 2", ["koa@2.16.4", "@types/koa@2.15.2"]],
  ["hono", "Hono 4", ["hono@4.13.19", "@hono/node-server@2.1.9"]],
  ["hono", "the oldest Hono", ["hono@4.6.7", "@hono/node-server@2.1.9"]],
  ["redis", "the newest clients", ["ioredis@6.0.0", "redis@6.3.1"]],
  ["redis", "the oldest clients", ["ioredis@5.3.0", "redis@5.0.0"]],
  ["otel", "OpenTelemetry's API", ["@opentelemetry/api@1.10.0"]],
  ["otel", "its oldest", ["@opentelemetry/api@1.9.0"]],
  ["cloudflare", "Cloudflare's types", ["@cloudflare/workers-types@5.20260730.1"]],
] as const)("%s installed with npm beside %s", (name, _framework, frameworkPackages) => {
  let folder: Awaited<ReturnType<typeof makeFolder>>;
  let npmOutput: string;

  beforeAll(async () => {
    folder = await makeFolder();
    await writeFile(
      join(folder.path, "package.json"),
      JSON.stringify({ name: "consumer", private: true, type: "module" }),
    );
    npmOutput = await npmInstall(folder.path, [
      ...tarballsFor(name),
      ...frameworkPackages,
      "@types/node@24.19.2",
      "expect-type@1.4.0",
    ]);
    await copyConsumer(folder.path, name);
  }, 300_000);
  afterAll(() => folder.remove());

  it("installs without a warning of peers or engines", () => {
    expect(npmOutput).not.toMatch(/ERESOLVE|EBADENGINE|peer/i);
  });

  it.concurrent.each(["typescript", "typescript6"])(
    "has the types that consumers/ asserts, with the strictest settings, on %s",
    async (compiler) => {
      expect(await typeErrors(folder.path, compiler)).toBe("");
    },
    // Much more than it takes alone: other packages are tested at the same time.
    120_000,
  );

  it.each(scripts[name] ?? [])("runs the first example of %s as it stands", async (readme, output) => {
    const script = await writeExample(folder.path, readme);
    const emulator = await startEmulator();
    try {
      expect(await runNode(folder.path, script, environment(emulator))).toMatch(output);
    } finally {
      await emulator.close();
    }
  });

  it.each(workers[name] ?? [])(
    "serves an authenticated call on workerd from the first example of %s",
    async (readme) => {
      const script = await writeExample(folder.path, readme);
      expect(await callWorker(join(folder.path, script))).toEqual(served);
    },
  );

  it.each(servers[name] ?? [])(
    "serves an authenticated call from the first example of %s",
    async (readme) => {
      const script = await writeExample(folder.path, readme);
      expect(await callServer(folder.path, script)).toEqual(served);
    },
  );

  it.each(servers[name] ?? [])(
    "serves it from CommonJS, with require for the imports of %s",
    async (readme) => {
      const script = await writeExample(folder.path, readme, "require");
      expect(await callServer(folder.path, script)).toEqual(served);
    },
  );
});

/** Serves a Worker, whose Durable Objects are where README says, and asks it for the exhibitors of an event. */
async function callWorker(entry: string): Promise<unknown> {
  const emulator = await startEmulator();
  const className = "PersonifyTokenStore";
  const worker = await startWorkers([
    {
      name: "worker",
      entry,
      bindings: emulatorVariables(emulator),
      durableObjects: { PERSONIFY_TOKENS: { className, useSQLite: true } },
    },
  ]);
  try {
    return await exhibitorsFrom((await worker.urlOf("worker")).origin, emulator);
  } finally {
    await worker.stop();
    await emulator.close();
  }
}

const served = { status: 200, totalCount: 140, tokenRequests: 1 };

/** Starts a server, and asks it for the exhibitors of an event. */
async function callServer(folder: string, script: string): Promise<unknown> {
  const emulator = await startEmulator();
  const server = await startNode(folder, script, environment(emulator));
  try {
    return await exhibitorsFrom(server.url, emulator);
  } finally {
    server.stop();
    await emulator.close();
  }
}

async function exhibitorsFrom(url: string, emulator: Emulator): Promise<unknown> {
  const [tenant] = emulator.tenants;
  const headers = { "x-tenant-id": tenant?.id ?? "" };
  const answer = await fetch(`${url}/exhibitors/${tenant?.events[0]?.id}`, { headers });
  const page = (await answer.json()) as { paginationMetadata?: { totalCount: number } };
  return {
    status: answer.status,
    totalCount: page.paginationMetadata?.totalCount,
    tokenRequests: emulator.requests({ kind: "token" }).length,
  };
}

/** A package with what it is used with. */
function tarballsFor(name: string): string[] {
  return [...new Set(["core", "emulator", name])].map((one) => find(`@personify-auth/${one}`).tarball);
}

function environment(emulator: Emulator): Record<string, string> {
  return { ...emulatorVariables(emulator), EVENT_ID: emulator.tenants[0]?.events[0]?.id ?? "", PORT: "0" };
}
