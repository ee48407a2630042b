import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { undeclaredImports } from "./imports.test.support.ts";
import { makeFolder, typeErrors, usePacked } from "./packed.test.support.ts";
import { resolutions, writeProjects } from "./type-resolution.test.support.ts";

const packageFolder = join(import.meta.dirname, "..");
const readme = await readFile(join(packageFolder, "../../README.md"), "utf8");
const published = [...readme.matchAll(/^\| \[`(@personify-auth\/.+?)`\]/gm)]
  .map(([, name = ""]) => name)
  .sort();

const { all, find } = usePacked();

it("packs the packages that README.md lists, and no others", () => {
  expect(
    all()
      .map(({ name }) => name)
      .sort(),
  ).toEqual(published);
});

it("tests them once they are built, since they are among the devDependencies", async () => {
  const { devDependencies } = JSON.parse(await readFile(join(packageFolder, "package.json"), "utf8"));
  expect(Object.keys(devDependencies)).toEqual(expect.arrayContaining(published));
});

describe.each(published)("%s as published", (name) => {
  it("holds built files, a README and a licence, and nothing else", () => {
    const { files, folder } = find(name);
    expect(files).toEqual(expect.arrayContaining(["LICENSE", "README.md", "package.json"]));
    const built = files.filter((file) => /^dist\/.*\.(js|d\.ts)$/.test(file));
    expect(built).toContain("dist/index.js");
    // Those of the emulator's console go to the browser as they are.
    const ofConsole = files.filter((file) => /^console\/[\w-]+\.(css|html|js|svg)$/.test(file));
    expect(files.length).toBe(built.length + ofConsole.length + 3);
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

  it("imports nothing that it does not bring or depend on", async () => {
    expect(await undeclaredImports(find(name)), "to be added to its dependencies or peers").toEqual([]);
  });

  it("has a README whose links work wherever it is read", async () => {
    const { unpacked, files } = find(name);
    const readme = await readFile(join(unpacked, "README.md"), "utf8");
    const links = readme.matchAll(/\]\(([^)]+)\)|^\[[^\]]+\]: (.+)$|(?:href|src|srcset)="([^"]+)"/gm);
    const targets = [...links].flatMap((match) => match.slice(1).filter((target) => target !== undefined));
    expect(targets.filter((each) => !/^(https:\/\/|#)/.test(each) && !files.includes(each))).toEqual([]);
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

describe("a project that has all packages", () => {
  let folder: Awaited<ReturnType<typeof makeFolder>>;
  beforeAll(async () => {
    folder = await makeFolder();
    await writeProjects(all(), folder.path);
  });
  afterAll(() => folder.remove());

  describe.each(Object.keys(resolutions))("under moduleResolution %s", (moduleResolution) => {
    it.each(["typescript", "typescript6"])("finds their types, which are sound, on %s", async (compiler) => {
      expect(await typeErrors(join(folder.path, moduleResolution), compiler)).toBe("");
    });
  });
});

function sourceOf(built: string): string {
  return built.replace(/^dist\//, "src/").replace(/(\.d)?\.(ts|js)$/, ".ts");
}

function toArrayBuffer(data: Buffer): ArrayBuffer {
  const copy = new ArrayBuffer(data.byteLength);
  new Uint8Array(copy).set(data);
  return copy;
}
