import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

/** What runs a script as a process. */
export interface Runtime {
  /** Such as "Node 24.21.0". */
  readonly name: string;
  readonly command: string;
  /** What comes before the script: it loads our packages from source. */
  readonly flags: readonly string[];
}

const source = "--conditions=@personify-auth/source";
const require = createRequire(import.meta.url);

/** The runtimes that the packages support besides workerd, each from npm: the oldest Node first. */
export const runtimes: readonly Runtime[] = [
  fromNpm("Node", "node22", [source]),
  fromNpm("Node", "node", [source]),
  fromNpm("Node", "node26", [source]),
  fromNpm("Bun", "bun-bin", [source]),
  fromNpm("Deno", "deno-bin", ["run", "--quiet", "--allow-all", "--node-modules-dir=manual", source]),
];

function fromNpm(name: string, packageName: string, flags: readonly string[]): Runtime {
  const manifestPath = require.resolve(`${packageName}/package.json`);
  const { version, bin } = JSON.parse(readFileSync(manifestPath, "utf8")) as {
    readonly version: string;
    readonly bin: string | Readonly<Record<string, string>>;
  };
  const [path = ""] = typeof bin === "string" ? [bin] : Object.values(bin);
  return { name: `${name} ${version}`, command: join(manifestPath, "..", path), flags };
}
