import { existsSync } from "node:fs";
import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { copyWorkspace, type WorkspaceCopy } from "./workspace-copy.test.support.ts";

/** Its imports sort before those of core. */
const name = "acme-framework";

let copy: WorkspaceCopy;
beforeAll(async () => {
  copy = await copyWorkspace();
});
afterAll(() => copy?.remove());

const program = "packages/new-adapter/src/new-adapter.ts";

describe("nothing is written, and the reason is told, for", () => {
  const leftOver = () => join(copy.folder, "packages/left-over");
  beforeAll(() => mkdir(leftOver()).then(() => {}));
  afterAll(() => rm(leftOver(), { recursive: true }));

  test.each([
    ["no name", [], "Usage"],
    ["two names", ["fastify", "elysia"], "Usage"],
    ["upper case", ["Fastify"], "names no package"],
    ["a path", ["../fastify"], "names no package"],
    ["a scope", ["@personify-auth/fastify"], "names no package"],
    ["a space", ["fast ify"], "names no package"],
    ["a hyphen at the end", ["fastify-"], "names no package"],
    ["a package that exists", ["express"], "@personify-auth/express exists already"],
    ["a folder that exists", ["left-over"], "packages/left-over exists already"],
  ])("%s", async (_what, names, reason) => {
    await expect(copy.run("node", [program, ...names])).rejects.toThrow(reason);
    expect(await copy.changedFiles()).toEqual([]);
  });
});

test("--help succeeds, and makes nothing", async () => {
  await copy.run("node", [program, "--help"]);
  expect(await copy.changedFiles()).toEqual([]);
});

test("where its last step fails, all is as it was", async () => {
  const bin = join(copy.folder, "node_modules/failing");
  await mkdir(bin);
  await writeFile(join(bin, "biome"), "#!/bin/sh\nexit 7\n");
  await chmod(join(bin, "biome"), 0o755);
  const environment = { PATH: `${bin}${delimiter}${process.env["PATH"]}` };
  await expect(copy.run("node", [program, name], environment)).rejects.toThrow(
    /biome check failed: exit code 7\nNothing was changed/,
  );
  expect(await copy.changedFiles()).toEqual([]);
  expect(existsSync(join(copy.folder, "packages", name))).toBe(false);
});

describe("the package that it makes", () => {
  const inPackage = ["--dir", `packages/${name}`];
  beforeAll(async () => {
    await copy.run("pnpm", ["new:adapter", name]);
  });

  test("is like its sisters, and in the lists that have to name it", async () => {
    expect(await copy.changedFiles()).toEqual(
      [
        `.changeset/${name}-adapter.md`,
        "README.md",
        "docs/architecture.md",
        `packages/${name}/README.md`,
        `packages/${name}/api.md`,
        `packages/${name}/package.json`,
        `packages/${name}/src/contract-on-server.test.support.ts`,
        `packages/${name}/src/contract.test.ts`,
        `packages/${name}/src/index.test.ts`,
        `packages/${name}/src/index.ts`,
        `packages/${name}/tsconfig.json`,
        `packages/pack-checks/consumers/${name}.cts`,
        `packages/pack-checks/consumers/${name}.ts`,
        "packages/pack-checks/package.json",
        "pnpm-lock.yaml",
      ].sort(),
    );
  });

  test("builds", () => copy.run("pnpm", [...inPackage, "build"]));

  const checks = ["consumers", "snippets", "packed-packages", "published-api", "-t", name];
  const vitest = ["exec", "vitest", "run", "--config", "../../vitest.config.ts"];
  test.concurrent.each([
    ["is linted", ["lint"]],
    ["keeps to the layers", ["layers"]],
    ["has nothing unused", ["unused"]],
    ["passes the contract on each runtime, and its own tests", [...inPackage, "test"]],
    ["can be published", ["--dir", "packages/pack-checks", ...vitest, ...checks]],
  ])("%s", (_what, args) => copy.run("pnpm", args));
});
