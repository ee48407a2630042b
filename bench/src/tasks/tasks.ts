import type { Task } from "../task.ts";
import { call } from "./call.ts";

/** Every task, in the order of docs/performance.md. */
export const tasks: readonly Task[] = [call];
