import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { PersonifyClientOptions } from "@personify-auth/core";
import { type Emulator, startEmulator } from "@personify-auth/emulator";
import type express from "express";
import type { Application, Request, RequestHandler, Response } from "express";
import { onTestFinished } from "vitest";

type CreateApp = typeof express;

/** The versions of Express that the adapter is for. */
export const versions = [
  { version: "Express 5", packageName: "express" },
  { version: "Express 4", packageName: "express4" },
];

/** Loads a version of Express. What the tests use of it has the same types in both. */
export async function loadExpress(packageName: string): Promise<CreateApp> {
  const module: { default: CreateApp } = await import(packageName);
  return module.default;
}

/** An emulator that closes with the test. */
export async function emulated(): Promise<Emulator> {
  const emulator = await startEmulator();
  onTestFinished(() => emulator.close());
  return emulator;
}

/** Options for the emulator's default client, without a tenant, quick to fail. */
export function optionsFor(emulator: Emulator): Omit<PersonifyClientOptions, "tenantId"> {
  const { clientId, clientSecret } = emulator.credentials;
  const { tokenUrl, apiBaseUrl } = emulator;
  return { clientId, clientSecret, tokenUrl, apiBaseUrl, allowInsecureHttp: "loopback", retry: false };
}

/** Listens on a free port until the test ends. */
export async function served(app: Application): Promise<string> {
  const server = app.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(async () => {
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    await closed;
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Sends what `answer` resolves to as JSON. Its rejection reaches Express in the way that each version documents. */
export function answering(packageName: string, answer: (req: Request) => Promise<unknown>): RequestHandler {
  const handle = async (req: Request, res: Response) => {
    res.json(await answer(req));
  };
  return packageName === "express4" ? (req, res, next) => void handle(req, res).catch(next) : handle;
}
