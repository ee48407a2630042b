import { createHash } from "node:crypto";
import { once } from "node:events";
import { appendFile, mkdir, mkdtemp, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, onTestFinished } from "vitest";
import { git } from "./rehearsal/copy-working-tree.ts";
import { type LocalRegistry, startLocalRegistry } from "./rehearsal/local-registry.ts";
import { run } from "./rehearsal/run.ts";

const program = join(import.meta.dirname, "publish.ts");
const [first, second] = ["@personify-auth/first", "@personify-auth/second"] as const;
let folder: string;
let repository: string;
let registry: LocalRegistry;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "personify-auth-publish-"));
});
afterAll(() => rm(folder, { recursive: true }));
beforeEach(async () => {
  const own = await mkdtemp(join(folder, "test-"));
  registry = await startLocalRegistry(join(own, "registry"));
  repository = join(own, "repository");
  await mkdir(join(repository, ".release"), { recursive: true });
  await run("git", ["init", "--quiet"], { cwd: repository, env: git });
  await appendFile(join(repository, ".git/info/exclude"), ".release/\n");
});
afterEach(() => registry.close());

/** Leaves what `changeset pack` would, with a file of this content. */
async function pack(
  names: readonly string[],
  content = "",
  manifest: { version?: string } = {},
): Promise<void> {
  const plan = await Promise.all(names.map((name) => packOne(name, content, manifest)));
  await writeFile(join(repository, ".release/publish-plan.json"), JSON.stringify({ plan: [plan] }));
}

async function packOne(name: string, content: string, { version = "1.0.0" }: { version?: string }) {
  const source = await mkdtemp(join(folder, "package-"));
  await mkdir(join(source, "package"));
  await writeFile(join(source, "package/package.json"), JSON.stringify({ name, version }));
  await writeFile(join(source, "package/content.txt"), content);
  // The same content packs into the same bytes, as it does with pnpm.
  for (const each of ["package/package.json", "package/content.txt", "package"]) {
    await utimes(join(source, each), 0, 0);
  }
  const path = `${name.replaceAll("/", "-")}.tgz`;
  const tarball = join(repository, ".release", path);
  await run("tar", ["-czf", tarball, "package"], { cwd: source });
  const hash = createHash("sha256").update(await readFile(tarball));
  const integrity = `sha256-${hash.digest("base64")}`;
  return { name, version, access: "public", tag: "latest", tarball: { path, integrity } };
}

function publish(env: Record<string, string> = registry.credentials): Promise<string> {
  return run(process.execPath, [program], {
    cwd: repository,
    env: { ...registry.variables, ...env, npm_config_provenance: env["npm_config_provenance"] ?? "false" },
  });
}

async function isPublished(name: string): Promise<boolean> {
  return (await fetch(new URL(name, registry.url))).ok;
}

it("publishes in the order of the plan, and skips what is published", async () => {
  await pack([second, first]);
  expect(await publish()).toMatch(
    /published @personify-auth\/second@[\s\S]+published @personify-auth\/first@/,
  );
  expect(await publish()).toMatch(
    /^already published .+\nalready published .+\n0 published, 2 were already\n$/,
  );
});

it("goes on after the package that could not be published", async () => {
  await pack([first]);
  await publish();
  await pack([first, second]);
  await expect(publish({})).rejects.toThrow("second@1.0.0 was not published");
  expect(await publish()).toMatch(/^already published .+first@1.0.0\n[\s\S]+1 published, 1 were already\n$/);
});

it("publishes nothing where the registry has one version with another content", async () => {
  await pack([second], "as released");
  await publish();
  await pack([first, second], "changed since");
  await expect(publish()).rejects.toThrow("has @personify-auth/second@1.0.0 with another content");
  expect(await isPublished(first)).toBe(false);
});

it.each([
  ["without credentials", () => ({}), /requires you to be logged in[\s\S]+run the same command again/],
  [
    "with wrong ones",
    () => Object.fromEntries(Object.keys(registry.credentials).map((name) => [name, "wrong"])),
    /authentication token seems to be invalid[\s\S]+run the same command again/,
  ],
] as const)("says why nothing is published %s", async (_how, credentials, reason) => {
  await pack([first]);
  await expect(publish(credentials())).rejects.toThrow(reason);
  expect(await isPublished(first)).toBe(false);
});

it("says so where the registry does not answer", async () => {
  await pack([first]);
  const nobody = "http://127.0.0.1:1/";
  const variables = { npm_config_registry: nobody, "npm_config_@personify-auth:registry": nobody };
  await expect(publish({ ...variables, npm_config_fetch_retries: "0" })).rejects.toThrow(
    /does not tell whether it has @personify-auth\/first@1\.0\.0: .*ECONNREFUSED/,
  );
});

it("reaches a registry on this machine past a proxy", async () => {
  await pack([first]);
  const proxy = { HTTP_PROXY: "http://127.0.0.1:1", npm_config_fetch_retries: "0" };
  expect(await publish({ ...registry.credentials, ...proxy })).toContain("1 published");
});

it("publishes nothing from a working tree that is not as committed, whatever git is set to show", async () => {
  await pack([first]);
  await run("git", ["config", "status.showUntrackedFiles", "no"], { cwd: repository, env: git });
  await writeFile(join(repository, "changed.ts"), "");
  await expect(publish()).rejects.toThrow(
    "Commit or stash first; these files are not as committed:\n?? changed.ts",
  );
  expect(await isPublished(first)).toBe(false);
});

it("publishes nothing that was changed after it was packed", async () => {
  await pack([first]);
  await appendFile(join(repository, ".release", `${first.replaceAll("/", "-")}.tgz`), "more");
  await expect(publish()).rejects.toThrow("is not what was packed");
});

it("says what to do where nothing is packed", async () => {
  await expect(publish()).rejects.toThrow("run release:pack first");
});

it("publishes nothing where it would take `latest` from a later version, as a late run of an old release would", async () => {
  await pack([second], "", { version: "1.10.0" });
  await publish();
  await pack([first, second], "", { version: "1.9.0" });
  await expect(publish()).rejects.toThrow(
    "@personify-auth/second@1.9.0 would take latest from 1.10.0, which is published",
  );
  expect(await isPublished(first)).toBe(false);
});

it.each(["0.0.0", "0.0.0-snapshot"])(
  "publishes no package that was never given a version, such as %s",
  async (version) => {
    await pack([first], "", { version });
    await expect(publish()).rejects.toThrow("@personify-auth/first has no version yet");
  },
);

it.each([
  ["package", first, second],
  ["version", "1.0.0", "2.0.0"],
])("publishes no tarball of another %s than the plan tells", async (_what, packed, told) => {
  await pack([first]);
  const plan = join(repository, ".release/publish-plan.json");
  await writeFile(plan, (await readFile(plan, "utf8")).replace(`"${packed}"`, `"${told}"`));
  await expect(publish()).rejects.toThrow(/holds @personify-auth\/first 1\.0\.0, not/);
  expect(await isPublished(first)).toBe(false);
});

it("takes as published what the registry took before the connection broke", async () => {
  await pack([first]);
  const breaking = await startBreakingProxy(registry.url);
  onTestFinished(() => breaking.close());
  const variables = {
    npm_config_registry: breaking.url,
    "npm_config_@personify-auth:registry": breaking.url,
  };
  const credentials = Object.entries(registry.credentials).map(([name, token]) => [
    name.replace(new URL(registry.url).host, new URL(breaking.url).host),
    token,
  ]);
  const env = { ...variables, ...Object.fromEntries(credentials), npm_config_fetch_retries: "0" };
  expect(await publish(env)).toMatch(
    /ECONNRESET[\s\S]+published @personify-auth\/first@1\.0\.0\n1 published/,
  );
});

/** Hands requests on to a registry, and hangs up instead of answering what is to be published. */
async function startBreakingProxy(registry: string): Promise<{ url: string; close(): void }> {
  const server = createServer(async (request, response) => {
    const { method = "", headers } = request;
    const answer = await fetch(new URL(request.url ?? "", registry), {
      method,
      headers: { authorization: headers.authorization ?? "", "content-type": headers["content-type"] ?? "" },
      body: method === "PUT" ? await buffer(request) : null,
    });
    const body = Buffer.from(await answer.arrayBuffer());
    if (method === "PUT") return request.socket.destroy();
    return response.writeHead(answer.status, { "content-type": "application/json" }).end(body);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

it("asks for the repository where provenance is asked for", async () => {
  await pack([first]);
  await expect(publish({ npm_config_provenance: "true" })).rejects.toThrow("set GITHUB_SERVER_URL and");
});
