import { answerQuestions } from "child-process";
import { type ServerSettings, startServer } from "./server.ts";

const server = await startServer();

const handlers = {
  origin: () => server.origin,
  configure: (settings: Partial<ServerSettings>) => server.configure(settings),
  counts: () => server.counts(),
};
export type ServerQuestions = typeof handlers;

answerQuestions(handlers);
