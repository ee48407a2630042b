import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { startServer } from "@personify-auth/runtimes";
import { afterAll } from "vitest";
import { repository } from "./site-paths.ts";

/** Of this test file, in the workspace, where programs find its packages. */
const programs = join(repository, "docs/.cache", randomUUID());
afterAll(() => rm(programs, { recursive: true, force: true }));

const conditions = "--conditions=@personify-auth/source";

/** The code of a fence that names its file, such as ```js life.js, and of the one after it. */
export async function readProgram(page: string, file: string): Promise<{ code: string; next: string }> {
  const text = await readFile(join(repository, page), "utf8");
  const fences = [...text.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)];
  const index = fences.findIndex(([, head]) => head?.split(" ")[1] === file);
  if (index < 0) throw new Error(`${page} has no ${file}`);
  return { code: fences[index]?.[2] ?? "", next: fences[index + 1]?.[2] ?? "" };
}

/** Writes a program to a file, and returns its path. */
export async function writeProgram(page: string, file: string): Promise<string> {
  const path = join(programs, page, file);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, (await readProgram(page, file)).code);
  return path;
}

/** What the compiler says of programs, by their paths; nothing where it is content. */
export async function typeErrors(paths: readonly string[]): Promise<string> {
  const project = join(programs, "tsconfig.json");
  const settings = {
    extends: join(repository, "tsconfig.base.json"),
    compilerOptions: {
      composite: false,
      noEmit: true,
      rootDir: repository,
      skipLibCheck: true,
      // Pages write process.env.PORT.
      noPropertyAccessFromIndexSignature: false,
    },
    files: [...paths, join(repository, "packages/cloudflare/src/cloudflare-workers.d.ts")],
    include: [],
  };
  await writeFile(project, JSON.stringify(settings));
  const tsc = join(repository, "node_modules/typescript/bin/tsc");
  return promisify(execFile)(process.execPath, [tsc, "-p", project]).then(
    ({ stdout }) => stdout,
    ({ stdout, stderr }) => stdout + stderr,
  );
}

/** Runs a program of a page to its end, and returns what it printed. */
export async function runProgram(page: string, file: string): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    conditions,
    await writeProgram(page, file),
  ]);
  return stdout;
}

/** Starts a program of a page that listens on PORT. */
export async function startProgram(page: string, file: string, env: Readonly<Record<string, string>>) {
  return startServer(await writeProgram(page, file), { env, flags: [conditions] });
}
