import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { validateWorkflow } from "@action-validator/core";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}
interface Job {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly environment?: string;
  readonly needs?: string | readonly string[];
  readonly outputs?: Readonly<Record<string, string>>;
  readonly "timeout-minutes"?: number;
  readonly steps: readonly Step[];
}
interface Workflow {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly concurrency?: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
}

const root = join(import.meta.dirname, "../../..");
/** Each was looked up in a public repository. Who moves an action to another version looks its commit up again. */
const pins: Record<string, { version: string; commit: string }> = JSON.parse(
  readFileSync(join(root, ".github/action-pins.json"), "utf8"),
);
const files = globSync(".github/workflows/*", { cwd: root }).map((path) => join(root, path));
const read = (file: string): Workflow => parse(readFileSync(file, "utf8"));
const stepsOf = (workflow: Workflow) => Object.values(workflow.jobs).flatMap(({ steps }) => steps);

describe.each(files.map((file) => [basename(file), file]))("%s", (_name, file) => {
  const content = readFileSync(file, "utf8");
  const workflow = read(file);

  it("is a workflow as GitHub reads it", () => {
    expect(validateWorkflow(content).errors).toEqual([]);
  });

  it("reads outputs only of jobs that it needs and that have them", () => {
    for (const job of Object.values(workflow.jobs)) {
      for (const [, needed = "", output = ""] of JSON.stringify(job).matchAll(
        /needs\.(\w+)\.outputs\.(\w+)/g,
      )) {
        expect([job.needs].flat()).toContain(needed);
        expect(Object.keys(workflow.jobs[needed]?.outputs ?? {})).toContain(output);
      }
    }
  });

  it("uses actions by the commits that are known", () => {
    const uses = [...content.matchAll(/uses: *(.*)/g)].map(([, action]) => action);
    const known = uses.map((action = "") => {
      const [, path = "", repository = ""] = /^(([^/]+\/[^/@]+)[^@]*)@/.exec(action) ?? [];
      return `${path}@${pins[repository]?.commit} # ${pins[repository]?.version}`;
    });
    expect(uses).toEqual(known);
  });

  it("names the permissions of each job, and the time that it may take", () => {
    for (const job of Object.values(workflow.jobs)) {
      expect(job.permissions ?? workflow.permissions).toBeTypeOf("object");
      expect(job["timeout-minutes"]).toBeTypeOf("number");
    }
    expect(Object.values(workflow.permissions ?? {})).not.toContain("write");
  });

  it("runs once at a time", () => {
    expect(workflow.concurrency).toBeDefined();
  });

  it("leaves no credentials to what a job runs", () => {
    const checkouts = stepsOf(workflow).filter(({ uses }) => uses?.startsWith("actions/checkout@"));
    for (const checkout of checkouts) expect(checkout.with).toMatchObject({ "persist-credentials": false });
    expect(content).not.toMatch(/secrets\.|NODE_AUTH_TOKEN|NPM_TOKEN|pull_request_target|workflow_run/);
  });

  it("puts nothing that others may have written into a script", () => {
    for (const { run = "" } of stepsOf(workflow)) expect(run).not.toContain("${{");
  });
});

describe("The release", () => {
  const release = read(join(root, ".github/workflows/release.yml"));

  it("restores no cache", () => {
    for (const step of stepsOf(release)) {
      expect(step.uses ?? "").not.toMatch(/cache/);
      expect(Object.keys(step.with ?? {})).not.toContain("cache");
      if (step.uses?.startsWith("actions/setup-node@")) {
        expect(step.with).toMatchObject({ "package-manager-cache": false });
      }
    }
  });

  it("can prove who it is to npm where it publishes, and nowhere else", () => {
    const trusted = files
      .flatMap((file) => Object.entries(read(file).jobs))
      .filter(([, { permissions }]) => permissions?.["id-token"] !== undefined);
    expect(trusted.map(([name]) => name)).toEqual(["publish"]);
    expect(release.jobs["publish"]).toMatchObject({
      environment: "npm",
      permissions: { contents: "read", "id-token": "write" },
    });
  });

  it.each(["publish", "tag"])("installs and builds nothing in the job %s, which may write", (name) => {
    const runs = release.jobs[name]?.steps.flatMap(({ run }) => run ?? []);
    expect(runs?.filter((run) => !run.startsWith("git push"))).toEqual([
      `node packages/release/src/${name}.ts`,
    ]);
  });
});
