import type { Group, TaskName } from "./contender.ts";

/** What a task found: data, kept in results.json, that its section of docs/performance.md is made of. */
export interface Outcome {
  /** What was found of ours, in a few words; empty where ours did not run. */
  readonly summary: string;
  /** The ratio of the floor to itself, where something was timed. */
  readonly again?: number;
  readonly rounds?: number;
  readonly verdicts: readonly Verdict[];
  readonly tables: readonly Table[];
  readonly charts: readonly Chart[];
  /** Sentences, such as where a peer wins. */
  readonly notes: readonly string[];
}

/** A budget of ours, and what came of it. */
export interface Verdict {
  readonly budget: string;
  readonly measured: string;
  readonly holds: boolean;
}

export interface Table {
  readonly title?: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

export type Chart = BarChart | LineChart;

interface Drawn {
  readonly name: string;
  readonly title: string;
  readonly unit: string;
}

export interface BarChart extends Drawn {
  readonly bars: readonly { readonly name: string; readonly group: Group; readonly value: number }[];
}

/** All values are above 0. */
export interface LineChart extends Drawn {
  /** What the horizontal scale counts. */
  readonly across: string;
  readonly lines: readonly {
    readonly name: string;
    readonly group: Group;
    readonly points: readonly { readonly x: number; readonly y: number }[];
  }[];
}

/** An outcome, with where and when it was measured. */
export interface Result extends Outcome {
  readonly date: string;
  readonly machine: string;
}

export type Results = { readonly [task in TaskName]?: Result };
