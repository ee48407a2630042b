import { arch, cpus, platform, release } from "node:os";
import { versions } from "node:process";

/** Where something was measured, as one line. */
export function describeMachine(): string {
  const cores = cpus();
  return `${cores[0]?.model.trim() ?? "unknown CPU"}, ${cores.length} cores, ${platform()} ${release()} ${arch()}, Node ${versions.node}`;
}
