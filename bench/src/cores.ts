import { spawnSync } from "node:child_process";

/** The cores that the server and the contenders are pinned to; undefined where the system cannot, or has one core. */
export function chooseCores(): {
  readonly server: number | undefined;
  readonly contenders: number | undefined;
} {
  const { status, stdout } = spawnSync("taskset", ["-cp", String(process.pid)], { encoding: "utf8" });
  const cores = status === 0 ? parseCores(stdout) : [];
  const [server, contenders] = cores;
  return contenders === undefined ? { server: undefined, contenders: undefined } : { server, contenders };
}

/** Reads the list at the end of taskset's line, such as `0-2,5`. */
export function parseCores(line: string): number[] {
  const list = /: *([\d,-]+)\s*$/.exec(line)?.[1] ?? "";
  return list
    .split(",")
    .filter((part) => part !== "")
    .flatMap((part) => {
      const [from = 0, to = from] = part.split("-").map(Number);
      return Array.from({ length: to - from + 1 }, (_, index) => from + index);
    });
}
