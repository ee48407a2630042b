import { readdirSync, readFileSync } from "node:fs";

/** The processes of that name which this one has started and which still run. Linux only. */
export function childrenNamed(name: string): readonly number[] {
  const threads = readdirSync("/proc/self/task");
  const lists = threads.map((thread) => readFileSync(`/proc/self/task/${thread}/children`, "utf8"));
  const children = lists.flatMap((list) => list.split(" ").filter(Boolean).map(Number));
  return children.filter((pid) => readFileSync(`/proc/${pid}/comm`, "utf8").trim() === name);
}

/** ms in a tick, of which Linux counts 100 a second in what it tells of processes. */
const tick = 10;

/** User and system CPU time of a process, all of its threads, in ms. Linux only: see proc_pid_stat(5). */
export function cpuTimeOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // Its second field is a name that may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * tick;
}
