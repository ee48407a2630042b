import type { Task } from "../task.ts";
import { boundary } from "./boundary.ts";
import { call } from "./call.ts";
import { cold } from "./cold.ts";
import { token } from "./token.ts";

/** Every task, in the order of docs/performance.md. */
export const tasks: readonly Task[] = [call, token, cold, boundary];
