import { setImmediate } from "node:timers/promises";
import type { Page } from "@personify-auth/core";
import { personify } from "@personify-auth/express";
import { answerQuestions } from "child-process";
import express from "express";
import { credentialSets } from "./credential-sets.ts";
import { createClient, describeFailure, noteEvent, observeCall, open, sent } from "./witness.ts";

const [port = 0, tokenPort, apiPort] = process.argv.slice(2).map(Number);

const unhandled: string[] = [];
process.on("unhandledRejection", (reason) => unhandled.push(String(reason)));

const app = express();
const clients = credentialSets.map(({ clientId, clientSecret }) => {
  const client = createClient();
  app.use(
    `/${clientId}`,
    (_req, _res, next) => observeCall(client, next),
    personify({
      clientId,
      clientSecret,
      tokenUrl: `http://127.0.0.1:${tokenPort}/connect/token`,
      apiBaseUrl: `http://127.0.0.1:${apiPort}`,
      allowInsecureHttp: "loopback",
      tenantId: (req) => req.get("x-tenant-id"),
      timeout: { token: 2_500, request: 5_000 },
      onEvent: (event) => noteEvent(client, event),
    }),
  );
  return client;
});

app.get("/:clientId/events/:eventId", async (req, res) => {
  const { eventId } = req.params;
  try {
    const page = await req.personify.get<Page<unknown>>("/api/v1/exhibitor/event/{eventId}", {
      path: { eventId },
      query: { ItemsPerPage: 5 },
    });
    res.json(page);
  } catch (error) {
    res.status(500).json(describeFailure(error));
  }
});

const answers = {
  counts: () => ({
    sent,
    open,
    unhandled,
    // The token itself stays here.
    clients: clients.map(({ token: _, lastRequest: __, ...counts }) => counts),
  }),
  async measure() {
    for (let times = 0; times < 3; times += 1) {
      globalThis.gc?.();
      await setImmediate();
    }
    // Without those that lie idle in a pool: they do not keep the process alive.
    const sockets = process.getActiveResourcesInfo().filter((name) => name === "TCPSocketWrap").length;
    return { heap: process.memoryUsage().heapUsed, sockets };
  },
};

export type AppAnswers = typeof answers;
export type Counts = ReturnType<AppAnswers["counts"]>;
export type Measure = Awaited<ReturnType<AppAnswers["measure"]>>;

const server = app.listen(port, "127.0.0.1", () => answerQuestions(answers));
// Longer than a caller ever pauses, so that no kept connection closes under a call.
server.keepAliveTimeout = 60_000;
