import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { startServer, startWorkers } from "@personify-auth/runtimes";
import { writeFirstExample } from "./first-example.ts";
import { run } from "./run.ts";

/** Who installs a package, and what they do with it. */
export interface User {
  readonly name: string;
  /** What they install, besides the package. */
  readonly besides: readonly string[];
  /** Does what one has the package for, as it is installed in `folder`. */
  use(folder: string, repository: string, variables: Record<string, string>): Promise<void>;
}

const core = "@personify-auth/core";
const root = join(import.meta.dirname, "../../../..");

export const users: readonly User[] = [
  { name: "@personify-auth/cli", besides: [], use: useCommandLine },
  { name: core, besides: [], use: script("packages/core/README.md", /^(.+\n){140}$/) },
  {
    name: "@personify-auth/emulator",
    besides: [],
    use: script("packages/emulator/README.md", /paginationMetadata:[\s\S]*POST \/connect\/token 200/),
  },
  ...globSync("packages/*/src/contract-on-server.test.support.ts", { cwd: root }).sort().flatMap(adapterUser),
  {
    name: "@personify-auth/otel",
    besides: [core, "@opentelemetry/api@1.10.0"],
    use: script("packages/otel/README.md", /^140\n$/),
  },
  { name: "@personify-auth/cloudflare", besides: [core], use: useWorker },
  // Its example wants a Redis; that it loads is enough here, since the tests of the package use it.
  {
    name: "@personify-auth/redis",
    besides: [core, "ioredis@6.0.0"],
    async use(cwd) {
      const load = `import { redisTokenStore } from "@personify-auth/redis"; console.log(typeof redisTokenStore)`;
      const output = await run(process.execPath, ["--input-type=module", "--eval", load], { cwd });
      assert.match(output, /^function$/m);
    },
  },
];

/** The user of the adapter that has this file installs what its README says, in the versions that it is developed with. */
function adapterUser(file: string): User[] {
  const folder = file.replace(/\/src\/.*/, "");
  const manifest = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
  if (manifest.private === true) return [];
  const page = `${folder}/README.md`;
  const [, line = ""] = /^npm install (.+)$/m.exec(readFileSync(join(root, page), "utf8")) ?? [];
  const besides = line
    .split(" ")
    .filter((name) => name !== manifest.name)
    .map((name) => (name === core ? core : `${name}@${manifest.devDependencies[name]}`));
  return [{ name: manifest.name, besides, use: server(page) }];
}

async function useCommandLine(cwd: string, _repository: string, env: Record<string, string>): Promise<void> {
  const npx = (...args: string[]) =>
    run("npx", ["--no-install", "@personify-auth/cli", ...args], { cwd, env });
  assert.match(await npx("doctor", "--json"), /"ok": ?true/);
  const exhibitors = await npx("call", "GET", `/api/v1/exhibitor/event/${env["EVENT_ID"]}`);
  assert.match(exhibitors, /"totalCount": ?140/);
}

function script(page: string, output: RegExp): User["use"] {
  return async (cwd, repository, env) => {
    const example = await writeFirstExample(repository, page, cwd);
    assert.match(await run(process.execPath, [example], { cwd, env }), output);
  };
}

function server(page: string): User["use"] {
  return async (cwd, repository, env) => {
    const example = await writeFirstExample(repository, page, cwd);
    const running = await startServer(example, { cwd, env });
    try {
      await askForExhibitors(running.url, env);
    } finally {
      running.stop();
    }
  };
}

async function useWorker(cwd: string, repository: string, env: Record<string, string>): Promise<void> {
  const entry = await writeFirstExample(repository, "packages/cloudflare/README.md", cwd);
  const durableObjects = { PERSONIFY_TOKENS: { className: "PersonifyTokenStore", useSQLite: true } };
  const worker = await startWorkers([{ name: "worker", entry, bindings: env, durableObjects }]);
  try {
    await askForExhibitors((await worker.urlOf("worker")).origin, env);
  } finally {
    await worker.stop();
  }
}

async function askForExhibitors(origin: string, env: Record<string, string>): Promise<void> {
  const headers = { "x-tenant-id": env["PERSONIFY_TENANT_ID"] ?? "" };
  const answer = await fetch(`${origin}/exhibitors/${env["EVENT_ID"]}`, { headers });
  assert.match(await answer.text(), /"totalCount": ?140/);
}
