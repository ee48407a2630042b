import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

type Manifest = Record<string, unknown>;
const root = join(import.meta.dirname, "../../..");
const { hooks } = await import(pathToFileURL(join(root, ".pnpmfile.mjs")).href);
const pack = (manifest: Manifest): Manifest => hooks.beforePacking(manifest);

beforeEach(() => {
  vi.stubEnv("GITHUB_SERVER_URL", undefined);
  vi.stubEnv("GITHUB_REPOSITORY", undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
});

it("names the repository that a workflow runs in, and the folder of the package", () => {
  vi.stubEnv("GITHUB_SERVER_URL", "https://github.com");
  vi.stubEnv("GITHUB_REPOSITORY", "owner/name");
  expect(pack({ name: "@personify-auth/koa" })).toEqual({
    name: "@personify-auth/koa",
    repository: { type: "git", url: "git+https://github.com/owner/name.git", directory: "packages/koa" },
    homepage: "https://github.com/owner/name/tree/main/packages/koa#readme",
    bugs: "https://github.com/owner/name/issues",
  });
});

it("names no repository elsewhere", () => {
  expect(pack({ name: "@personify-auth/koa" })).toEqual({ name: "@personify-auth/koa" });
});
