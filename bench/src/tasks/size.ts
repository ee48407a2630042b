import { type BundleSize, bundleSize } from "../measures/bundle-size.ts";
import type { Task } from "../task.ts";

const core = "@personify-auth/core";
const edge = `export * from "${core}"; export * from "@personify-auth/hono";`;
const limit = 8_000;

const peers = [
  ["@badgateway/oauth2-client", 'export { OAuth2Client, OAuth2Fetch } from "@badgateway/oauth2-client"'],
  ["@octokit/auth-app", 'export { createAppAuth } from "@octokit/auth-app"'],
  ["openid-client", 'export * from "openid-client"'],
  ["ky", 'export { default } from "ky"'],
  ["axios", 'export { default } from "axios"'],
] as const;

interface Row extends BundleSize {
  readonly name: string;
}

export const size: Task = {
  name: "size",
  title: "Size at the edge",
  about: `Bytes that are deployed: bundled by esbuild with workerd's conditions, minified, gzipped. Core and the Hono adapter are
taken whole, without Hono itself; what one export brings along is below. Peers are taken as their documentation
has it: @octokit/auth-app as one that does a like job, for another service.`,
  rounds: 1,
  async run({ say }) {
    say("bundling");
    const ours = { name: "core + hono adapter", ...(await bundleSize(edge, ["hono", "hono/*"])) };
    const others: Row[] = [];
    for (const [name, source] of peers) others.push({ name, ...(await bundleSize(source)) });
    const exports: Row[] = [];
    for (const name of Object.keys(await import(core)).sort()) {
      exports.push({ name, ...(await bundleSize(`export { ${name} } from "${core}"`)) });
    }
    const rows = [ours, ...others].sort(bySize);
    const smaller = others.filter(({ gzipped }) => gzipped < ours.gzipped);
    return {
      summary: `core + hono adapter ${ours.gzipped.toLocaleString("en-US")} bytes gzipped`,
      verdicts: [
        {
          budget: `core + hono adapter ≤ ${limit.toLocaleString("en-US")} bytes gzipped`,
          measured: ours.gzipped.toLocaleString("en-US"),
          holds: ours.gzipped <= limit,
        },
      ],
      tables: [
        { columns: ["Bundle", "Gzipped, bytes", "Minified, bytes"], rows: rows.map(toCells) },
        {
          title: "One export of core",
          columns: ["Export", "Gzipped, bytes", "Minified, bytes"],
          rows: exports.sort(bySize).map(toCells),
        },
      ],
      charts: [
        {
          name: "size",
          title: "Size at the edge",
          unit: "bytes, gzipped",
          bars: rows.map((row) => ({
            name: row.name,
            group: row === ours ? "ours" : "peer",
            value: row.gzipped,
          })),
        },
      ],
      notes: [`Peers that are smaller: ${smaller.map(({ name }) => name).join(", ") || "none"}.`],
    };
  },
};

function bySize(a: Row, b: Row): number {
  return a.gzipped - b.gzipped;
}

function toCells({ name, gzipped, minified }: Row): (string | number)[] {
  return [name, gzipped, minified];
}
