import { readFileSync } from "node:fs";
import { parser } from "@prometheus-io/lezer-promql";
import { describe, expect, test } from "vitest";
import { letEverythingHappen } from "./everything.test.support.ts";
import { registerSdk } from "./sdk.test.support.ts";

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly type: string;
  readonly datasource: object;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly fieldConfig: { readonly defaults: { readonly unit: string } };
  readonly targets: readonly {
    readonly refId: string;
    readonly expr: string;
    readonly legendFormat: string;
    readonly datasource: object;
  }[];
}

const dashboard = JSON.parse(read("docs/operations/grafana-dashboard.json"));
const panels: readonly Panel[] = dashboard.panels;
const page = read("docs/operations.md");
const alerts = [...page.matchAll(/\| (?:yes|no) \| `(.+)` \|$/gm)].map(([, expression = ""]) => expression);
const expressions: [what: string, expression: string][] = [
  ...panels.flatMap(({ title, targets }) => targets.map(({ expr }): [string, string] => [title, expr])),
  ...alerts.map((expression): [string, string] => ["an alert", expression]),
];

/** What doctor may name. */
const faults = [...read("packages/cli/src/doctor/finding.ts").matchAll(/^ {2}\| "(\w+)"/gm)].map(
  ([, name = ""]) => name,
);

/** Names of metrics, without what Prometheus or a collector appends. */
function metricsIn(text: string): string[] {
  const names = text.match(/\bpersonify_(call|token|store)_[a-z]+(_[a-z]+)*/g) ?? [];
  return [...new Set(names.map((name) => name.replace(/_(seconds|bucket|count|sum|total)$/, "")))];
}

/** What Prometheus sees of a run in which everything happens. */
async function exposed(): Promise<{ metrics: string[]; labels: Set<string> }> {
  const sdk = registerSdk();
  await letEverythingHappen();
  const text = await sdk.exposition();
  const labels = [...text.matchAll(/[{,](\w+)="/g)].map(([, label = ""]) => label);
  return {
    metrics: metricsIn([...text.matchAll(/^# TYPE (\w+)/gm)].map(([, name]) => name).join(" ")),
    labels: new Set([...labels, "__name__"]),
  };
}

describe("docs/operations.md and its dashboard", () => {
  test.each(expressions)("ask Prometheus what it understands: %s, %s", (_what, expression) => {
    const asked = expression.replaceAll("$__rate_interval", "5m");
    const errors: string[] = [];
    parser.parse(asked).iterate({
      enter: ({ type, from }) => {
        if (type.isError) errors.push(asked.slice(from));
      },
    });
    expect(errors).toEqual([]);
  });

  test("name the metrics that there are, each of them", async () => {
    const { metrics, labels } = await exposed();
    const asked = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)).join("\n");
    expect(metrics).toHaveLength(10);
    for (const text of [asked, page, read("packages/otel/README.md")]) {
      const named = metricsIn(text).filter((name) => !labels.has(name));
      expect(named.sort()).toEqual(metrics.sort());
    }
  });

  test("name labels that there are", async () => {
    const { labels } = await exposed();
    const named = expressions.flatMap(([, expression]) => [
      ...[...expression.matchAll(/by \(([^)]+)\)/g)].flatMap(([, names = ""]) => names.split(", ")),
      ...[...expression.matchAll(/(\w+)(?:=|!=|=~)"/g)].map(([, name = ""]) => name),
    ]);
    expect(named.length).toBeGreaterThan(10);
    expect([...new Set(named)].filter((name) => !labels.has(name))).toEqual([]);
  });

  test("name the events that there are, each of them", () => {
    const source = read("packages/core/src/events.ts");
    const events = [...source.matchAll(/type: "(\w+)"/g)].map(([, type]) => type);
    const named = page.match(/(?<=`)(token|call|store)_\w+(?=`)/g) ?? [];
    const codes = [...read("packages/core/src/errors.ts").matchAll(/^ {2}\| "(\w+)"/gm)].map(
      ([, code]) => code,
    );
    const others = [...codes, ...faults].filter((name) => !events.includes(name));
    expect([...new Set(named.filter((name) => !others.includes(name)))].sort()).toEqual([...events].sort());
  });
});

test("docs/operations.md names faults that the doctor of the command line knows", () => {
  const [, section = ""] = page.split("## Ask the doctor\n");
  const named = section.split("## Symptoms")[0]?.match(/(?<=`)[a-z]+(_[a-z]+)+(?=`)/g) ?? [];
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((name) => !faults.includes(name))).toEqual([]);
});

test("the dashboard is one that Grafana imports: panels with ids and places of their own, on a chosen source", () => {
  expect(dashboard).toMatchObject({
    uid: expect.stringMatching(/^[\w-]{1,40}$/),
    title: expect.any(String),
    schemaVersion: expect.any(Number),
    templating: { list: [{ name: "datasource", type: "datasource", query: "prometheus" }] },
  });
  expect(dashboard).not.toHaveProperty("id");
  const source = { type: "prometheus", uid: `\${datasource}` };
  const places = new Set<string>();
  for (const { type, datasource, gridPos, targets, fieldConfig } of panels) {
    expect(type).toBe("timeseries");
    expect(["s", "reqps", "short"]).toContain(fieldConfig.defaults.unit);
    for (const { expr, legendFormat } of targets) {
      const [, labels = ""] = /by \(([^)]+)\) \(rate/.exec(expr) ?? [];
      const shown = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label);
      expect(shown.sort()).toEqual(
        labels
          .split(", ")
          .filter((label) => !["", "le"].includes(label))
          .sort(),
      );
    }
    expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
    places.add(`${gridPos.x} ${gridPos.y}`);
    for (const each of [datasource, ...targets.map((target) => target.datasource)]) {
      expect(each).toEqual(source);
    }
    expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
  }
  expect(places.size).toBe(panels.length);
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
});
