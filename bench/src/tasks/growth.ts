import type { RunningProcess } from "child-process";
import type { Group } from "../contender.ts";
import { chooseCores } from "../cores.ts";
import type { GrowthQuestions } from "../growth-process.ts";
import type { Subject } from "../growth-subjects.ts";
import type { LineChart, Outcome, Table, Verdict } from "../outcome.ts";
import { withProcess, withServer } from "../processes.ts";
import { formatNumber } from "../report/format.ts";
import { playRounds } from "../rounds.ts";
import { median, ratioOf, type Samples, valuesOf } from "../statistics.ts";
import type { Task } from "../task.ts";

/** Something that grows, and what is measured of it. */
interface Axis {
  readonly name: string;
  readonly title: string;
  /** What its sizes count. */
  readonly across: string;
  readonly sizes: readonly number[];
  readonly ours: Subject;
  /** Does the same without us, where that grows too. */
  readonly floor?: Subject;
  /** How many calls are under way at once. */
  readonly concurrency: (size: number) => number;
}

const axes: readonly Axis[] = [
  {
    name: "tenants",
    title: "Tenants",
    across: "tenants, one credential set",
    sizes: [1, 100, 10_000, 100_000],
    ours: "tenants",
    concurrency: () => 20,
  },
  {
    name: "credential-sets",
    title: "Credential sets",
    across: "clients, a credential set each",
    sizes: [1, 100, 1_000, 10_000],
    ours: "credentialSets",
    concurrency: () => 20,
  },
  {
    name: "calls-at-once",
    title: "Calls at once",
    across: "calls under way at once",
    sizes: [1, 20, 100, 1_000, 5_000],
    ours: "callsAtOnce",
    floor: "callsAtOnceWithUndici",
    concurrency: (size) => size,
  },
  {
    name: "body",
    title: "Answers",
    across: "bytes of an answer's JSON",
    sizes: [2, 10_000, 100_000, 1_000_000, 10_000_000],
    ours: "body",
    floor: "bodyWithUndici",
    concurrency: () => 5,
  },
];

/** Until V8 has optimized all of it, as in `call`. */
const warmUpMs = 2_000;
const turnMs = 500;
const floorName = nameOf("callsAtOnceWithUndici", 20);
const againName = `${floorName} again`;
/** Flat: a call at the largest size costs at most this times one at the least. */
const flatness = 1.5;
/** Where the floor grows too, each size costs at most this times its. */
const distance = 1.1;

/** Those that take a turn in each round: a size each of ours or of a floor. */
export const participants: readonly Participant[] = axes.flatMap(participantsOf);

export const growth: Task = {
  name: "growth",
  title: "Growth",
  about: `What a call costs, and what the process then holds, as something grows: CPU time of the process per \`get()\`, and V8's heap
after a full collection. Where the cost without us grows too, \`undici.request\` does the same. Each size has a new process in
each round, in which every tenant or client has made a call before anything is measured.`,
  rounds: 10,
  async run(run) {
    const { contenders: core } = chooseCores();
    const heaps = new Map<string, number[]>(participants.map(({ name }) => [name, []]));
    const cpu = await withServer((origin) =>
      playRounds(
        participants.map(({ name, subject, size, concurrency }) => ({
          name,
          turn: () =>
            withProcess(
              "growth-process.ts",
              { core, flags: ["--expose-gc"] },
              async (process: RunningProcess<GrowthQuestions>) => {
                await process.ask("setUp", subject, size, origin);
                if (hasCallers(subject)) await process.ask("calls", size, concurrency);
                await process.ask("callCpu", { ms: warmUpMs, concurrency, batch: 1 });
                const spent = await process.ask("callCpu", { ms: turnMs, concurrency, batch: 1 });
                heaps.get(name)?.push(await process.ask("heapInUse"));
                return spent;
              },
            ),
        })),
        run,
      ),
    );
    return report(cpu, heaps, run.rounds);
  },
};

interface Participant {
  readonly name: string;
  readonly subject: Subject;
  readonly size: number;
  readonly concurrency: number;
}

function participantsOf(axis: Axis): Participant[] {
  const turnsWith = (subject: Subject) =>
    axis.sizes.map((size) => ({
      name: nameOf(subject, size),
      subject,
      size,
      concurrency: axis.concurrency(size),
    }));
  if (axis.floor === undefined) return turnsWith(axis.ours);
  const floors = turnsWith(axis.floor);
  const again = floors.filter(({ name }) => name === floorName).map((turn) => ({ ...turn, name: againName }));
  return [...turnsWith(axis.ours), ...floors, ...again];
}

function nameOf(subject: Subject, size: number): string {
  return `${subject} ${size}`;
}

/** Whether there are `size` of them, each of which has to make a call. */
function hasCallers(subject: Subject): boolean {
  return subject === "tenants" || subject === "credentialSets";
}

/** Makes of the figures an outcome. `cpu` is in µs, `heaps` in bytes. */
export function report(cpu: Samples, heaps: Samples, rounds: number): Outcome {
  const again = ratioOf(againName, floorName, cpu);
  const verdicts = axes.map((axis) => judge(axis, cpu));
  const held = verdicts.filter(({ holds }) => holds).length;
  return {
    summary: `${held} of ${verdicts.length} stay flat or with their floor`,
    again,
    rounds,
    verdicts,
    tables: axes.map((axis) => tableOf(axis, cpu, heaps)),
    charts: axes.flatMap((axis) => chartsOf(axis, cpu, heaps)),
    notes: [describeHeap(heaps)],
  };
}

/** What each of those that stay alive holds, and what those hold that do not. */
function describeHeap(heaps: Samples): string {
  const each = (subject: Subject, size: number) => {
    const grown =
      median(valuesOf(nameOf(subject, size), heaps)) - median(valuesOf(nameOf(subject, 1), heaps));
    return `${formatNumber(Math.max(0, grown) / (size - 1))} bytes`;
  };
  return `Of the heap, a tenant that has made its calls holds ${each("tenants", 100_000)}, and a client that is kept, with a credential set and token of its own, ${each("credentialSets", 10_000)}.`;
}

function judge({ title, sizes, ours, floor }: Axis, cpu: Samples): Verdict {
  const [least = 0] = sizes;
  const most = sizes.at(-1) ?? 0;
  if (floor === undefined) {
    const ratio = ratioOf(nameOf(ours, most), nameOf(ours, least), cpu);
    return {
      budget: `${title}: a call at ${formatNumber(most)} ≤ ${flatness} × one at ${formatNumber(least)}`,
      measured: ratio.toFixed(2),
      holds: ratio <= flatness,
    };
  }
  const worst = Math.max(...sizes.map((size) => ratioOf(nameOf(ours, size), nameOf(floor, size), cpu)));
  return {
    budget: `${title}: at each size ≤ ${distance} × undici.request`,
    measured: worst.toFixed(2),
    holds: worst <= distance,
  };
}

function tableOf({ title, across, sizes, ours, floor }: Axis, cpu: Samples, heaps: Samples): Table {
  const of = (samples: Samples, subject: Subject, size: number) =>
    median(valuesOf(nameOf(subject, size), samples));
  return {
    title,
    columns: [
      across,
      "get, µs",
      "Heap, MB",
      ...(floor === undefined ? [] : ["undici.request, µs", "Its heap, MB", "× undici.request"]),
    ],
    rows: sizes.map((size) => [
      size,
      of(cpu, ours, size),
      of(heaps, ours, size) / 1e6,
      ...(floor === undefined
        ? []
        : [
            of(cpu, floor, size),
            of(heaps, floor, size) / 1e6,
            ratioOf(nameOf(ours, size), nameOf(floor, size), cpu).toFixed(2),
          ]),
    ]),
  };
}

function chartsOf(
  { name, title, across, sizes, ours, floor }: Axis,
  cpu: Samples,
  heaps: Samples,
): LineChart[] {
  const lineOf = (samples: Samples, subject: Subject, label: string, group: Group, unit: number) => ({
    name: label,
    group,
    points: sizes.map((size) => ({ x: size, y: median(valuesOf(nameOf(subject, size), samples)) / unit })),
  });
  const linesOf = (samples: Samples, unit: number) => [
    ...(floor === undefined ? [] : [lineOf(samples, floor, "undici.request", "floor", unit)]),
    lineOf(samples, ours, "get", "ours", unit),
  ];
  return [
    { name: `growth-${name}`, title, unit: "CPU per call, µs", across, lines: linesOf(cpu, 1) },
    { name: `growth-${name}-heap`, title, unit: "heap, MB", across, lines: linesOf(heaps, 1e6) },
  ];
}
