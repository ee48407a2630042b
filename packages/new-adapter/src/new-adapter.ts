// pnpm new:adapter NAME: makes packages/NAME.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { changesForAdapter } from "./adapter-changes.ts";
import { applyChanges } from "./apply-changes.ts";

const root = join(import.meta.dirname, "../../..");
const [, , ...names] = process.argv;
const usage = `Usage: npx -y pnpm@12 new:adapter NAME

Makes packages/NAME, an adapter for node:http in which the framework takes its place, with a changeset and its entries in
the lists of packages; or, where anything fails, nothing.`;

// Ctrl+C ends what runs just then; what was written is taken back after that.
process.on("SIGINT", () => {});

try {
  const [name, ...more] = names;
  if (name === "--help" || name === "-h") {
    process.stdout.write(`${usage}\n`);
    process.exit();
  }
  if (name === undefined || more.length > 0) throw new Error(usage);
  const changes = changesForAdapter(root, name);
  applyChanges(root, changes, ["pnpm-lock.yaml"], () => {
    // Where CI is set, pnpm would leave the lockfile as it is.
    run("pnpm", "install", "--prefer-offline", "--no-frozen-lockfile");
    // Where a name stands in the order of imports depends on the name.
    run("biome", "check", "--write", ...[...changes.keys()].filter((path) => !path.endsWith(".md")));
  });
  process.stdout.write(`packages/${name} is an adapter for node:http, and right as it is. Next, in this order:
  1. npx -y pnpm@12 exec turbo run test --filter=@personify-auth/${name}
  2. put the framework in the place of node:http; CONTRIBUTING.md, "Adding an adapter", says where
  3. npx -y pnpm@12 matrix --write, npx -y pnpm@12 api, then npx -y pnpm@12 test
`);
} catch (error) {
  process.stderr.write(`${(error as Error).message}\nNothing was changed.\n`);
  process.exitCode = 1;
}

function run(command: string, ...args: string[]): void {
  const { status, signal, error } = spawnSync(command, args, { cwd: root, stdio: "inherit" });
  if (status !== 0)
    throw new Error(`${command} ${args[0]} failed: ${error?.message ?? signal ?? `exit code ${status}`}`);
}
