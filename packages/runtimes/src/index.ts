export { type Runtime, runtimes } from "./runtimes.ts";
export { type RunningWorker, startWorker, workerdName } from "./worker.ts";
