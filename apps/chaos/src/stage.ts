import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Server } from "node:net";
import type { FaultDefinition } from "@personify-auth/emulator";
import { describeProcess, fromSource } from "child-process";
import type { AppAnswers } from "./app.ts";
import type { Loss } from "./blame.ts";
import type { EmulatorAnswers } from "./emulator.ts";

/** So that the heap can be compared: code that was compiled stays. */
const appFlags = ["--expose-gc", "--no-flush-bytecode"];
const flags = [fromSource];

/** The processes of a run: app → two gateways → emulator. */
export type Stage = Awaited<ReturnType<typeof openStage>>;

/** Starts the processes, and a server that no request is meant to reach. */
export async function openStage() {
  const [emulatorPort, tokenPort, apiPort, appPort, elsewherePort] = await findPorts();
  const emulator = describeProcess<EmulatorAnswers>(new URL("emulator.ts", import.meta.url), {
    args: [emulatorPort],
    flags,
  });
  const gateways = {
    token: describeProcess(new URL("gateway.ts", import.meta.url), {
      args: [tokenPort, emulatorPort],
      flags,
    }),
    api: describeProcess(new URL("gateway.ts", import.meta.url), { args: [apiPort, emulatorPort], flags }),
  };
  const app = describeProcess<AppAnswers>(new URL("app.ts", import.meta.url), {
    args: [appPort, tokenPort, apiPort],
    flags: [...flags, ...appFlags],
  });
  const processes = [emulator, gateways.token, gateways.api, app];
  await Promise.all(processes.map((process) => process.start()));

  let strays = 0;
  const elsewhere = createServer((_request, response) => {
    strays += 1;
    response.end();
  }).listen(elsewherePort, "127.0.0.1");
  await once(elsewhere, "listening");

  const losses: Loss[] = [];
  const emulatorFaults = new Map<string, FaultDefinition>();
  return {
    app,
    emulator,
    gateways,
    appUrl: `http://127.0.0.1:${appPort}`,
    /** Where redirects lead to. */
    elsewhere: `http://127.0.0.1:${elsewherePort}/`,
    /** Requests that have followed one there. */
    strays: () => strays,
    losses,
    /** By their names, so that an emulator that takes the place of a killed one has them too. */
    emulatorFaults,
    async close() {
      elsewhere.close();
      await Promise.all(processes.map((process) => process.kill()));
    },
  };
}

/**
 * Free ports that the system gives to nobody who does not name them: one that it does might be taken while a killed
 * process is away, were it only as the near end of a connection.
 */
async function findPorts(): Promise<[number, number, number, number, number]> {
  const found: Server[] = [];
  for (let attempts = 100; found.length < 5; attempts -= 1) {
    if (attempts === 0) throw new Error("There are no five free ports between 10000 and 16000");
    const server = createTcpServer().listen(10_000 + Math.floor(Math.random() * 6_000), "127.0.0.1");
    const isFree = await once(server, "listening").then(
      () => true,
      () => false,
    );
    if (isFree) found.push(server);
  }
  const ports = found.map((server) => (server.address() as AddressInfo).port);
  for (const server of found) await new Promise((resolve) => server.close(resolve));
  return ports as [number, number, number, number, number];
}
