export { type Runtime, runtimes } from "./runtimes.ts";
export { startServer } from "./start-server.ts";
export {
  type RunningWorker,
  type RunningWorkers,
  startWorker,
  startWorkers,
  type WorkerDefinition,
  workerdName,
} from "./worker.ts";
