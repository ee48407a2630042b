import { arch, cpus, platform } from "node:os";
import { versions } from "node:process";

/** Where something was measured, as one line. */
export function describeMachine(): string {
  const cores = cpus();
  return `${cores[0]?.model.trim() ?? "unknown CPU"}, ${cores.length} cores, ${platform()} ${arch()}, Node ${versions.node}`;
}
