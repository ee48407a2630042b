import { describe, expect, test } from "vitest";
import type { Result } from "../outcome.ts";
import { renderBarChart } from "./bar-chart.ts";
import { replaceSection } from "./document.ts";
import { formatNumber } from "./format.ts";
import { renderLineChart } from "./line-chart.ts";
import { renderSection } from "./markdown.ts";
import { renderText } from "./text.ts";

const task = { title: "CPU per call", about: "What a call costs." };
const result: Result = {
  summary: "get() 0.95",
  again: 1.004,
  rounds: 10,
  verdicts: [
    { budget: "get ≤ 1.00 × floor", measured: "0.950", holds: true },
    { budget: "fetch ≤ 1.05 × fetch", measured: "1.380", holds: false },
  ],
  tables: [
    {
      columns: ["Contender", "µs", "× floor"],
      rows: [
        ["get", 23.72, "0.95"],
        ["peer", 1234.5, "49.00"],
      ],
    },
  ],
  charts: [
    {
      name: "call",
      title: "CPU per call",
      unit: "× floor",
      bars: [{ name: "a<b", group: "ours", value: 2 }],
    },
  ],
  notes: ["A peer wins."],
  date: "2026-01-31",
  machine: "A machine",
};

describe("a section", () => {
  const section = renderSection(task, result);

  test("says which budgets were kept, and which were missed", () => {
    expect(section).toContain("| get ≤ 1.00 × floor | 0.950 | kept |");
    expect(section).toContain("| fetch ≤ 1.05 × fetch | 1.380 | **missed** |");
  });

  test("has its chart, its table with numbers to the right, its notes, and where it was measured", () => {
    expect(section).toContain("![CPU per call, × floor](performance/call.svg)");
    expect(section).toContain("| Contender | µs | × floor |\n| --- | ---: | ---: |\n| get | 23.7 | 0.95 |");
    expect(section).toContain("| peer | 1,235 | 49.00 |");
    expect(section).toContain("A peer wins.");
    expect(section.endsWith("Measured 2026-01-31 on A machine, 10 rounds, A/A 1.004.")).toBe(true);
  });
});

describe("the document", () => {
  const order = ["call", "token", "cold"] as const;

  test("has sections in the order of the tasks, whichever was measured first", () => {
    const first = replaceSection(undefined, "token", "## Tokens", order);
    const document = replaceSection(first, "call", "## Calls", order);
    expect(document.startsWith("# Performance\n")).toBe(true);
    expect(document.indexOf("## Calls")).toBeLessThan(document.indexOf("## Tokens"));
  });

  test("keeps the other sections as they are", () => {
    const before = ["call", "token", "cold"] as const;
    let document: string | undefined;
    for (const name of before) document = replaceSection(document, name, `## ${name}\n\nold ${name}`, order);
    const after = replaceSection(document, "token", "## token\n\nnew", order);
    expect(after).toBe(document?.replace("old token", "new"));
  });
});

describe("a bar chart", () => {
  const bars = (...values: number[]) =>
    values.map((value, index) => ({ name: `bar ${index}`, group: "peer" as const, value }));
  const widths = (svg: string) =>
    [...svg.matchAll(/<rect x="240".*? width="([\d.]+)"/g)].map(([, width]) => Number(width));
  const chart = { name: "c", title: "Cost", unit: "× floor" };

  test("has bars as long as their values", () => {
    expect(widths(renderBarChart({ ...chart, bars: bars(1, 2, 4) }))).toEqual([100, 200, 400]);
  });

  test("takes powers of ten, and says so, where bars differ widely", () => {
    const svg = renderBarChart({ ...chart, bars: bars(1, 1_000) });
    expect(svg).toContain("× floor, logarithmic");
    expect(widths(svg)[0]).toBeGreaterThan(30);
  });

  test("shows names as they are", () => {
    expect(renderBarChart({ ...chart, bars: [{ name: "a<b", group: "ours", value: 2 }] })).toContain(
      "a&lt;b",
    );
  });
});

describe("a line chart", () => {
  const line = (...points: [number, number][]) => ({
    name: "get",
    group: "ours" as const,
    points: points.map(([x, y]) => ({ x, y })),
  });
  const chart = { name: "g", title: "Growth", unit: "µs", across: "tenants <all>" };
  const placesOf = (svg: string) =>
    (/<polyline points="(.*?)"/.exec(svg)?.[1] ?? "").split(" ").map((point) => point.split(",").map(Number));

  test("draws what grows in proportion as a straight line", () => {
    const svg = renderLineChart({ ...chart, lines: [line([1, 10], [10, 100], [100, 1_000])] });
    expect(placesOf(svg)).toEqual([
      [70, 260],
      [315, 150],
      [560, 40],
    ]);
  });

  test("draws what stays as a level line, and says what stands where", () => {
    const svg = renderLineChart({ ...chart, lines: [line([1, 25], [1_000, 25])] });
    const [[, first], [, last]] = placesOf(svg) as [[number, number], [number, number]];
    expect(first).toBe(last);
    expect(svg).toContain("tenants &lt;all&gt;");
    expect([...svg.matchAll(/text-anchor="middle">([\d,]+)</g)].map(([, tick]) => tick)).toEqual([
      "1",
      "10",
      "100",
      "1,000",
    ]);
  });
});

test("a terminal sees the same figures", () => {
  expect(renderText(result)).toBe(
    `Contender     µs  × floor
get         23.7     0.95
peer       1,235    49.00

✓ get ≤ 1.00 × floor: 0.950
✗ fetch ≤ 1.05 × fetch: 1.380
A peer wins.`,
  );
});

test.each([
  [0.0361, "0.04"],
  [1.234, "1.23"],
  [23.45, "23.5"],
  [12_345.6, "12,346"],
  [50, "50"],
])("%d reads %s", (value, text) => {
  expect(formatNumber(value)).toBe(text);
});
