import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import {
  type ContractApp,
  closeServer,
  describeAdapterContract,
  listenUrl,
  mountOptions,
  type Route,
} from "@personify-auth/contract";
import type express from "express";
import type { Request, RequestHandler, Response } from "express";
import { personify } from "./index.ts";

const common = {
  environments: ["development", "production"],
  showsErrorsIn: ["development"],
  printsErrors: true,
} as const;

describeAdapterContract("Express 5", {
  start: async (app) => start(await load("express"), app),
  capabilities: { seesAsyncThrows: true, ...common },
});
describeAdapterContract("Express 4", {
  start: async (app) => start(await load("express4"), app),
  capabilities: { seesAsyncThrows: false, ...common },
});

/** What the tests use of Express has the same types in both versions. */
async function load(packageName: string): Promise<typeof express> {
  const module: { default: typeof express } = await import(packageName);
  return module.default;
}

async function start(createApp: typeof express, described: ContractApp) {
  const { environment, mounts, authenticationHeader, routes, passesErrorsOn } = described;
  const app = createApp();
  app.set("env", environment);
  for (const mount of mounts) {
    const options = mountOptions<Request>(mount, (req) => ({
      header: (name) => req.get(name),
      hostname: req.hostname,
      authenticatedTenant: req.res?.locals["tenant"],
    }));
    app.use(mount.path ?? "/", personify(options));
  }
  app.use((req, res, next) => {
    if (authenticationHeader !== undefined) res.locals["tenant"] = req.get(authenticationHeader);
    next();
  });
  for (const route of routes) app.get(route.path, handlerOf(route, passesErrorsOn));
  const server = app.listen(0, "127.0.0.1");
  return { url: await listenUrl(server), close: () => closeServer(server) };
}

function handlerOf(route: Route, passesErrorsOn: boolean): RequestHandler {
  if (route.kind === "throw") {
    return () => {
      throw route.error();
    };
  }
  const handle = async (req: Request, res: Response) => {
    if (route.kind === "json") res.json(await route.answer(req.personify));
    else await pipeline(Readable.from(route.chunks(req.personify)), res);
  };
  return passesErrorsOn ? (req, res, next) => void handle(req, res).catch(next) : handle;
}
