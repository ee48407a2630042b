import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { judgeChangesets } from "./changesets.test.support.ts";

const manifest = {
  name: "@example/published",
  version: "1.0.0",
  files: ["console", "dist", "!console/tsconfig.json"],
  dependencies: { undici: "^8.0.0" },
  devDependencies: { pino: "1.0.0" },
};
const source = "packages/published/src/index.ts";
const changesetOf = (bump: string, text = "What it does.", name = "@example/published") =>
  `---\n"${name}": ${bump}\n---\n\n${text}\n`;

describe("the changesets of a repository", () => {
  let root: string;

  beforeEach(() => {
    // A pattern of files would not match itself.
    root = mkdtempSync(join(tmpdir(), "personify-auth-[1]-"));
    write(".changeset/config.json", JSON.stringify({ baseBranch: "main" }));
    write(".changeset/landed.md", changesetOf("minor"));
    write("packages/published/package.json", JSON.stringify(manifest));
    write("packages/private/package.json", JSON.stringify({ name: "@example/private", private: true }));
    write(source, "export const one = 1;\n");
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  function write(path: string, text: string): void {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }

  function git(...args: string[]): void {
    // A hook of git's, where this may run in, has settings for its own repository.
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("GIT_")));
    const settings = ["user.name=Test", "user.email=test@example.com", "commit.gpgsign=false"];
    execFileSync("git", [...settings.flatMap((each) => ["-c", each]), ...args], {
      cwd: root,
      env,
      stdio: "pipe",
    });
  }

  function commit(): void {
    git("add", "--all");
    git("commit", "--quiet", "--message", "Change");
  }

  /** A repository whose `main` is as the remote has it. */
  function clone(): void {
    initialize();
    git("update-ref", "refs/remotes/origin/main", "HEAD");
  }

  function initialize(): void {
    git("init", "--quiet", "--initial-branch=main");
    commit();
  }

  const faults = async () => (await judgeChangesets(root)).faults;
  const missing = (file: string) => [
    expect.stringMatching(
      new RegExp(`^@example/published has changed since .* without a changeset: ${file}$`),
    ),
  ];

  describe("a change without a changeset is a fault", () => {
    beforeEach(clone);

    it.each([
      ["to a source file", source, "export const one = 2;\n"],
      ["that adds a source file", "packages/published/src/new.ts", "export {};\n"],
      ["to the README", "packages/published/README.md", "# Published\n"],
      [
        "to a dependency",
        "packages/published/package.json",
        JSON.stringify({ ...manifest, dependencies: {} }),
      ],
    ])("%s", async (_what, file, text) => {
      write(file, text);
      expect(await faults()).toEqual(missing(file));
    });

    it("that removes a source file", async () => {
      rmSync(join(root, source));
      expect(await faults()).toEqual(missing(source));
    });

    it("that adds a package", async () => {
      write("packages/new/package.json", JSON.stringify({ name: "@example/new" }));
      expect(await faults()).toEqual([expect.stringContaining("@example/new has changed")]);
    });

    it("on main, committed", async () => {
      write(source, "export const one = 2;\n");
      commit();
      expect(await faults()).toEqual(missing(source));
    });

    it("on a branch, committed, whatever lands on main meanwhile", async () => {
      git("switch", "--quiet", "--create", "branch");
      write(source, "export const one = 2;\n");
      commit();
      git("switch", "--quiet", "main");
      write(".changeset/other.md", changesetOf("patch"));
      commit();
      git("update-ref", "refs/remotes/origin/main", "HEAD");
      git("switch", "--quiet", "branch");
      expect(await faults()).toEqual(missing(source));
    });

    it("even where a changeset of another package comes with it", async () => {
      write("packages/other/package.json", JSON.stringify({ name: "@example/other" }));
      write(source, "export const one = 2;\n");
      write(".changeset/other.md", changesetOf("patch", "What it does.", "@example/other"));
      expect(await faults()).toEqual(missing(source));
    });
  });

  describe("no changeset is needed", () => {
    beforeEach(clone);

    it.each([
      ["where nothing has changed", "README.md", "# Repository\n"],
      ["for a test", "packages/published/src/index.test.ts", "export {};\n"],
      ["for a file that is kept out", "packages/published/console/tsconfig.json", "{}\n"],
      ["for a private package", "packages/private/src/index.ts", "export {};\n"],
      [
        "for what is not published of a manifest",
        "packages/published/package.json",
        JSON.stringify({ ...manifest, scripts: { test: "vitest" }, devDependencies: {} }),
      ],
    ])("%s", async (_what, file, text) => {
      write(file, text);
      expect(await faults()).toEqual([]);
    });

    it("for a release, which uses them up", async () => {
      rmSync(join(root, ".changeset/landed.md"));
      write("packages/published/package.json", JSON.stringify({ ...manifest, version: "1.1.0" }));
      write("packages/published/CHANGELOG.md", "## 1.1.0\n");
      expect(await faults()).toEqual([]);
    });

    it("for what has landed", async () => {
      write(source, "export const one = 2;\n");
      commit();
      git("update-ref", "refs/remotes/origin/main", "HEAD");
      expect(await faults()).toEqual([]);
    });
  });

  describe("a change with a changeset is fine", () => {
    beforeEach(clone);

    it.each(["patch", "minor", "none"])("of bump %s", async (bump) => {
      write(source, "export const one = 2;\n");
      write(".changeset/new.md", changesetOf(bump));
      expect(await faults()).toEqual([]);
    });

    it("that landed before, and is edited", async () => {
      write(source, "export const one = 2;\n");
      write(".changeset/landed.md", changesetOf("minor", "What it does, and more."));
      expect(await faults()).toEqual([]);
    });

    it("for all commits of a branch", async () => {
      git("switch", "--quiet", "--create", "branch");
      write(source, "export const one = 2;\n");
      write(".changeset/new.md", changesetOf("patch"));
      commit();
      write(source, "export const one = 3;\n");
      commit();
      expect(await faults()).toEqual([]);
    });
  });

  describe("without a remote", () => {
    beforeEach(initialize);

    it("a branch is held to what main has not", async () => {
      git("switch", "--quiet", "--create", "branch");
      write(source, "export const one = 2;\n");
      commit();
      commitFile("README.md");
      expect(await faults()).toEqual(missing(source));
    });

    it("the last commit on main is held to have a changeset, which may come later", async () => {
      write(source, "export const one = 2;\n");
      commit();
      expect(await faults()).toEqual(missing(source));
      write(".changeset/new.md", changesetOf("patch"));
      expect(await faults()).toEqual([]);
    });

    it("what is not committed does not hide behind the changeset of the last commit", async () => {
      write(".changeset/new.md", changesetOf("patch"));
      commit();
      write(source, "export const one = 2;\n");
      expect(await faults()).toEqual(missing(source));
    });
  });

  describe("a major", () => {
    it("is a fault where nothing tells what breaks", async () => {
      write(".changeset/new.md", changesetOf("major"));
      expect(await faults()).toEqual([expect.stringContaining("makes a major of @example/published")]);
    });

    it("is fine where a line does", async () => {
      write(".changeset/new.md", changesetOf("major", "Drop `one`.\n\nBreaking: `one` is gone; write 1."));
      expect(await faults()).toEqual([]);
    });
  });

  it("a changeset that tells users nothing is a fault, unless they get nothing", async () => {
    write(".changeset/new.md", changesetOf("patch", ""));
    expect(await faults()).toEqual([".changeset/new.md tells users nothing"]);
    write(".changeset/new.md", changesetOf("none", ""));
    expect(await faults()).toEqual([]);
  });

  it("a changeset for what is not published is a fault", async () => {
    write(".changeset/new.md", changesetOf("patch", "What it does.", "@example/private"));
    expect(await faults()).toEqual([".changeset/new.md names @example/private, which is not published"]);
  });

  it("says that it found no history outside of a repository, and in a clone too shallow", async () => {
    expect(await judgeChangesets(root)).toEqual({ since: [], faults: [] });
    initialize();
    commitFile("README.md");
    const deep = root;
    root = mkdtempSync(join(tmpdir(), "personify-auth-"));
    git("init", "--quiet");
    git("fetch", "--quiet", "--depth=1", `file://${deep}`, "main");
    git("checkout", "--quiet", "FETCH_HEAD");
    const verdict = await judgeChangesets(root);
    rmSync(deep, { recursive: true, force: true });
    expect(verdict).toEqual({ since: [], faults: [] });
  });

  it("takes a merge that was checked out alone, with its parents, for what was merged", async () => {
    initialize();
    git("switch", "--quiet", "--create", "branch");
    write(source, "export const one = 2;\n");
    commit();
    git("switch", "--quiet", "main");
    git("merge", "--quiet", "--no-ff", "--no-edit", "branch");
    git("switch", "--quiet", "--detach");
    git("branch", "--quiet", "-D", "main", "branch");
    expect(await faults()).toEqual(missing(source));
  });

  function commitFile(file: string): void {
    write(file, "# Repository\n");
    commit();
  }
});
