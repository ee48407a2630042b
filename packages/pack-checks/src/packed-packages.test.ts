import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { type Emulator, startEmulator } from "@personify-auth/emulator";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  makeFolder,
  npmInstall,
  type Packed,
  packAll,
  runNode,
  startNode,
  typeErrors,
  writeExample,
} from "./packed.test.support.ts";

const published = [
  "@personify-auth/core",
  "@personify-auth/emulator",
  "@personify-auth/express",
  "@personify-auth/hono",
  "@personify-auth/koa",
];

let tarballs: Awaited<ReturnType<typeof makeFolder>>;
let packed: Map<string, Packed>;

beforeAll(async () => {
  tarballs = await makeFolder();
  packed = new Map((await packAll(tarballs.path)).map((one) => [one.name, one]));
});
afterAll(() => tarballs.remove());

function find(name: string): Packed {
  const one = packed.get(name);
  if (one === undefined) throw new Error(`${name} was not packed`);
  return one;
}

it("packs the packages that are meant to be published, and no others", () => {
  expect([...packed.keys()].sort()).toEqual(published);
});

describe.each(published)("%s as published", (name) => {
  it("holds built files, a README and a licence, and nothing else", () => {
    const { files, folder } = find(name);
    expect(files).toEqual(expect.arrayContaining(["LICENSE", "README.md", "package.json"]));
    const built = files.filter((file) => /^dist\/.*\.(js|d\.ts)$/.test(file));
    expect(built).toContain("dist/index.js");
    expect(files.length).toBe(built.length + 3);
    expect(files.filter((file) => /\.test/.test(file))).toEqual([]);
    // A file whose source is gone would otherwise be published for as long as dist is not emptied.
    expect(built.filter((file) => !existsSync(join(folder, sourceOf(file))))).toEqual([]);
  });

  it("names the source condition nowhere", () => {
    expect(JSON.stringify(find(name).manifest)).not.toContain("@personify-auth/source");
  });

  it("depends on published versions, with no development dependencies or scripts left", () => {
    const { manifest } = find(name);
    expect(JSON.stringify(manifest)).not.toContain("workspace:");
    expect(manifest).not.toHaveProperty("devDependencies");
    expect(manifest).not.toHaveProperty("scripts");
  });

  it("has no fault that publint knows", async () => {
    const tarball = toArrayBuffer(await readFile(find(name).tarball));
    const { messages, pkg } = await publint({ pack: { tarball }, strict: true });
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
  });

  it("resolves with its types from ESM and bundlers", async () => {
    const analysis = await checkPackage(createPackageFromTarballData(await readFile(find(name).tarball)));
    if (analysis.types === false) throw new Error("no types are included");
    // The packages are ESM only: CommonJS loads them with require(esm), which this tool does not know.
    const problems = analysis.problems.filter(
      (problem) =>
        !("resolutionKind" in problem) || !["node10", "node16-cjs"].includes(problem.resolutionKind),
    );
    expect(problems.filter(({ kind }) => kind !== "CJSResolvesToESM")).toEqual([]);
  });
});

describe.each([
  ["5.3.0", "5.0.6"],
  ["4.22.3", "4.17.25"],
])("installed with npm beside Express %s", (version, typesVersion) => {
  let folder: Awaited<ReturnType<typeof makeFolder>>;
  let npmOutput: string;

  beforeAll(async () => {
    folder = await makeFolder();
    await writeFile(
      join(folder.path, "package.json"),
      JSON.stringify({ name: "consumer", private: true, type: "module" }),
    );
    const files = tarballsOf("express");
    npmOutput = await npmInstall(folder.path, [
      ...files,
      `express@${version}`,
      `@types/express@${typesVersion}`,
      "@types/node@24.19.2",
      "typescript@7.0.2",
      "typescript6@npm:typescript@6.0.3",
    ]);
    await writeFile(join(folder.path, "consumer.ts"), consumer);
    await writeFile(join(folder.path, "tsconfig.json"), JSON.stringify(consumerConfig));
    await writeFile(join(folder.path, "esm.mjs"), `${imports("esm")}${app}`);
    await writeFile(join(folder.path, "commonjs.cjs"), `${imports("commonjs")}(async () => {${app}})();`);
  }, 300_000);
  afterAll(() => folder.remove());

  it("installs without a warning of peers or engines", () => {
    expect(npmOutput).not.toMatch(/ERESOLVE|EBADENGINE|peer/i);
  });

  it.each(["typescript", "typescript6"])(
    "type-checks an app with the strictest settings on %s",
    async (compiler) => {
      expect(await typeErrors(folder.path, compiler)).toBe("");
    },
  );

  it.each(["esm.mjs", "commonjs.cjs"])("serves an authenticated call from %s", async (script) => {
    expect(JSON.parse(await runNode(folder.path, script))).toEqual({
      status: 200,
      totalCount: 140,
      tokenRequests: 1,
    });
  });

  it.each(["README.md", "packages/express/README.md"])(
    "runs the first example of %s as it stands",
    async (readme) => {
      expect(await exhibitorsFromExample(folder.path, readme)).toMatchObject(firstPage);
    },
  );

  it.each([
    ["packages/core/README.md", /^(.+\n){140}$/],
    ["packages/emulator/README.md", /paginationMetadata:[\s\S]*POST \/connect\/token 200/],
  ])("runs the first example of %s as it stands", async (readme, output) => {
    const script = await writeExample(folder.path, readme);
    const emulator = await startEmulator();
    try {
      expect(await runNode(folder.path, script, environment(emulator))).toMatch(output);
    } finally {
      await emulator.close();
    }
  });
});

describe.each([
  ["koa", "Koa 3", ["koa@3.3.0", "@types/koa@3.0.3"]],
  ["koa", "Koa 2", ["koa@2.16.4", "@types/koa@2.15.2"]],
  ["hono", "Hono 4", ["hono@4.13.19", "@hono/node-server@2.1.9"]],
] as const)("%s installed with npm beside %s", (adapter, _framework, frameworkPackages) => {
  let folder: Awaited<ReturnType<typeof makeFolder>>;
  let npmOutput: string;

  beforeAll(async () => {
    folder = await makeFolder();
    await writeFile(join(folder.path, "package.json"), JSON.stringify({ name: "consumer", private: true }));
    npmOutput = await npmInstall(folder.path, [...tarballsOf(adapter), ...frameworkPackages]);
  }, 300_000);
  afterAll(() => folder.remove());

  it("installs without a warning of peers or engines", () => {
    expect(npmOutput).not.toMatch(/ERESOLVE|EBADENGINE|peer/i);
  });

  it("is loaded by require, as by import", async () => {
    await writeFile(
      join(folder.path, "require.cjs"),
      `console.log(typeof require("@personify-auth/${adapter}").personify);`,
    );
    expect(await runNode(folder.path, "require.cjs")).toBe("function\n");
  });

  it("runs the first example of its README as it stands", async () => {
    const readme = `packages/${adapter}/README.md`;
    expect(await exhibitorsFromExample(folder.path, readme)).toMatchObject(firstPage);
  });
});

const firstPage = { paginationMetadata: { totalCount: 140 } };

/** What the server of a README's example answers when it is asked for an event's exhibitors. */
async function exhibitorsFromExample(folder: string, readme: string): Promise<unknown> {
  const script = await writeExample(folder, readme);
  const emulator = await startEmulator();
  const server = await startNode(folder, script, environment(emulator));
  try {
    const [tenant] = emulator.tenants;
    const headers = { "x-tenant-id": tenant?.id ?? "" };
    const answer = await fetch(`${server.url}/exhibitors/${tenant?.events[0]?.id}`, { headers });
    return await answer.json();
  } finally {
    server.stop();
    await emulator.close();
  }
}

/** An adapter with what it is used with. */
function tarballsOf(adapter: string): string[] {
  return ["core", "emulator", adapter].map((name) => find(`@personify-auth/${name}`).tarball);
}

function sourceOf(built: string): string {
  return built.replace(/^dist\//, "src/").replace(/(\.d)?\.(ts|js)$/, ".ts");
}

function environment(emulator: Emulator): Record<string, string> {
  const { clientId, clientSecret, tenantId } = emulator.credentials;
  return {
    PERSONIFY_CLIENT_ID: clientId,
    PERSONIFY_CLIENT_SECRET: clientSecret,
    PERSONIFY_TENANT_ID: tenantId,
    PERSONIFY_API_BASE_URL: emulator.apiBaseUrl,
    PERSONIFY_TOKEN_URL: emulator.tokenUrl,
    PERSONIFY_ALLOW_INSECURE_HTTP: "loopback",
    EVENT_ID: emulator.tenants[0]?.events[0]?.id ?? "",
    PORT: "0",
  };
}

/** Uses what a user does; each expected error is an error of the compiler where it is none. */
const consumer = `import { type ApiError, isPersonifyError, optionsFromEnv, type Page } from "@personify-auth/core";
import { type PersonifyOptions, personify } from "@personify-auth/express";
import express, { type Request } from "express";

interface Exhibitor { readonly companyName: string }
const options: PersonifyOptions = {
  ...optionsFromEnv(process.env),
  tenantId: (req: Request) => req.get("x-tenant-id"),
  allowedTenants: ["a"],
};
const app = express();
app.use(personify(options));
// @ts-expect-error an option that does not exist
personify({ ...options, alowedTenants: ["a"] });
app.get("/:event", async (req, res) => {
  const path = { eventId: req.params["event"] ?? "" };
  const page = await req.personify.get<Page<Exhibitor>>("/api/v1/exhibitor/event/{eventId}", { path });
  const names: string[] = page.data.map((exhibitor) => exhibitor.companyName);
  const answer = await req.personify.get("/x");
  // @ts-expect-error what was not said to be expected is unknown
  const wrong: string = answer;
  res.json([names, wrong]);
});
export const statusOf = (error: unknown) => (isPersonifyError(error) ? error.status : (error as ApiError).response.status);
`;
const consumerConfig = {
  compilerOptions: {
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    noEmit: true,
    target: "es2024",
    module: "nodenext",
    types: ["node"],
  },
  files: ["consumer.ts"],
};

function imports(kind: "esm" | "commonjs"): string {
  return kind === "esm"
    ? `import express from "express";
import { personify } from "@personify-auth/express";
import { startEmulator } from "@personify-auth/emulator";
`
    : `const express = require("express");
const { personify } = require("@personify-auth/express");
const { startEmulator } = require("@personify-auth/emulator");
`;
}

const app = `
  const emulator = await startEmulator();
  const { clientId, clientSecret, tenantId } = emulator.credentials;
  const app = express();
  app.use(personify({
    clientId, clientSecret, tenantId,
    tokenUrl: emulator.tokenUrl, apiBaseUrl: emulator.apiBaseUrl, allowInsecureHttp: "loopback",
  }));
  app.get("/:eventId", (req, res, next) => {
    req.personify
      .get("/api/v1/exhibitor/event/{eventId}", { path: { eventId: req.params.eventId } })
      .then((page) => res.json(page), next);
  });
  const server = app.listen(0, "127.0.0.1", async () => {
    const answer = await fetch("http://127.0.0.1:" + server.address().port + "/" + emulator.tenants[0].events[0].id);
    const { paginationMetadata } = await answer.json();
    console.log(JSON.stringify({
      status: answer.status,
      totalCount: paginationMetadata.totalCount,
      tokenRequests: emulator.requests({ kind: "token" }).length,
    }));
    server.close();
    server.closeAllConnections();
    await emulator.close();
  });
`;

function toArrayBuffer(data: Buffer): ArrayBuffer {
  const copy = new ArrayBuffer(data.byteLength);
  new Uint8Array(copy).set(data);
  return copy;
}
