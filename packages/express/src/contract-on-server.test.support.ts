import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type ContractApp, mountOptions, type Route } from "@personify-auth/contract/app";
import { closeServer, hostOnStdio, listenUrl } from "@personify-auth/contract/process";
import type express from "express";
import type { Request, RequestHandler, Response } from "express";
import { personify } from "./index.ts";

const [, , dependency = "express"] = process.argv;
// What is used of Express here has the same types in both versions.
const { default: createApp }: { default: typeof express } = await import(dependency);
hostOnStdio((app) => build(createApp, app));

async function build(createApp: typeof express, described: ContractApp) {
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
    if (route.kind === "json") res.json(await route.answer(() => req.personify));
    else await pipeline(Readable.from(route.chunks(() => req.personify)), res);
  };
  return passesErrorsOn ? (req, res, next) => void handle(req, res).catch(next) : handle;
}
