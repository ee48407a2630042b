import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";

const template = join(import.meta.dirname, "../template");

/** Path in the repository → what the file is to hold. */
export type Changes = ReadonlyMap<string, string>;

/**
 * What a new adapter takes: its package, what pack-checks has of each adapter, a changeset, and its place in the lists
 * that cannot be derived.
 *
 * @throws Error that names what is wrong with the name, or the list in which the new adapter's place was not found
 */
export function changesForAdapter(root: string, name: string): Changes {
  checkName(root, name);
  const consumers = "packages/pack-checks/consumers";
  const target = (file: string) => {
    if (file === "changeset.md") return `.changeset/${name}-adapter.md`;
    const [, extension] = /^consumer\.(c?ts)$/.exec(file) ?? [];
    return extension ? `${consumers}/${name}.${extension}` : `packages/${name}/${file}`;
  };
  const files = ["*", "src/*"].flatMap((pattern) => globSync(pattern, { cwd: template }));
  const created = files
    .filter((file) => file !== "src")
    .map((file) => [target(file), fill(readFileSync(join(template, file), "utf8"), name)] as const);
  for (const [path] of created) {
    if (existsSync(join(root, path))) throw new Error(`${path} exists already`);
  }
  const edit = (path: string, change: (text: string, name: string) => string | undefined) => {
    const changed = change(readFileSync(join(root, path), "utf8"), name);
    if (changed === undefined)
      throw new Error(`${path} lists no adapters where it did: mend packages/new-adapter`);
    return [path, changed] as const;
  };
  return new Map([
    ...created,
    edit("packages/pack-checks/package.json", withDevDependency),
    edit("README.md", withPackageRow),
    edit("docs/architecture.md", withFolder),
  ]);
}

function checkName(root: string, name: string): void {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) {
    throw new Error(
      `${JSON.stringify(name)} names no package: give the framework's name in a-z, 0-9 and single hyphens, such as fastify`,
    );
  }
  const manifests = globSync(["packages/*/package.json", "apps/*/package.json"], { cwd: root });
  const taken = manifests.find((path) => {
    const manifest = JSON.parse(readFileSync(join(root, path), "utf8"));
    return manifest.name === `@personify-auth/${name}`;
  });
  if (taken !== undefined) throw new Error(`@personify-auth/${name} exists already: ${taken}`);
  if (existsSync(join(root, "packages", name))) throw new Error(`packages/${name} exists already`);
}

function fill(text: string, name: string): string {
  const title = name.charAt(0).toUpperCase() + name.slice(1);
  return text.replaceAll("NAME", name).replaceAll("TITLE", title);
}

function withDevDependency(text: string, name: string): string | undefined {
  const manifest = JSON.parse(text);
  const dependencies = { ...manifest.devDependencies, [`@personify-auth/${name}`]: "workspace:*" };
  manifest.devDependencies = Object.fromEntries(
    Object.entries(dependencies).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

/** After the last adapter of the table of packages. */
function withPackageRow(text: string, name: string): string | undefined {
  const last = text.match(/^\| \[`@personify-auth\/.+`\].* \| middleware for .*\n/gm)?.at(-1);
  const row = fill(
    "| [`@personify-auth/NAME`](packages/NAME) | middleware for TITLE: `request.personify` |\n",
    name,
  );
  return last && text.replace(last, () => last + row);
}

/** `packages/express`, `koa`, `hono` | the adapters */
function withFolder(text: string, name: string): string | undefined {
  const row = /^(\| `packages\/express`.*) \| the adapters \|$/m;
  return row.test(text)
    ? text.replace(row, (_row, folders) => `${folders}, \`${name}\` | the adapters |`)
    : undefined;
}
