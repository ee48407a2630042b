import type { Task } from "../task.ts";
import { adapter } from "./adapter.ts";
import { boundary } from "./boundary.ts";
import { call } from "./call.ts";
import { cold } from "./cold.ts";
import { growth } from "./growth.ts";
import { importTask } from "./import.ts";
import { memory } from "./memory.ts";
import { runtimesTask } from "./runtimes.ts";
import { size } from "./size.ts";
import { token } from "./token.ts";

/** Every task, in the order of docs/performance.md. */
export const tasks: readonly Task[] = [
  call,
  token,
  cold,
  boundary,
  adapter,
  size,
  memory,
  growth,
  runtimesTask,
  importTask,
];
