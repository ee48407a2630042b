import type { Contender, ContenderModule, Group, TaskName } from "./contender.ts";

const everything: readonly TaskName[] = ["call", "token", "cold", "boundary", "memory", "import"];
/** For those that hand out no token. */
const withoutToken: readonly TaskName[] = ["call", "boundary", "memory", "import"];

/** All contenders: ours, the floors that they are measured by, and the peers. */
export const contenders: readonly Contender[] = [
  contender("get", "ours", everything, () => import("./contenders/ours/get.ts")),
  contender("get+signal", "ours", ["call"], () => import("./contenders/ours/get-with-signal.ts")),
  contender("request", "ours", ["call"], () => import("./contenders/ours/request.ts")),
  contender("fetch", "ours", withoutToken, () => import("./contenders/ours/fetch.ts")),
  contender("fetch+signal", "ours", ["call"], () => import("./contenders/ours/fetch-with-signal.ts")),
  contender("get/express", "ours", ["call"], () => import("./contenders/ours/through-express.ts")),
  contender("get/koa", "ours", ["call"], () => import("./contenders/ours/through-koa.ts")),
  contender("get/hono", "ours", ["call"], () => import("./contenders/ours/through-hono.ts")),

  contender("undici.request", "floor", ["call", "memory", "import"], undiciRequest),
  contender("undici.request again", "floor", ["call", "memory", "import"], undiciRequest),
  contender(
    "undici.request+signal",
    "floor",
    ["call"],
    () => import("./contenders/floors/undici-request-with-signal.ts"),
  ),
  contender("dispatch", "floor", ["call", "memory"], () => import("./contenders/floors/dispatch.ts")),
  contender("undici.fetch", "floor", ["call"], () => import("./contenders/floors/undici-fetch.ts")),
  contender(
    "globalThis.fetch",
    "floor",
    ["call", "memory"],
    () => import("./contenders/floors/global-fetch.ts"),
  ),
  contender("async-constant", "floor", ["call", "token"], asyncConstant),
  contender("async-constant again", "floor", ["token"], asyncConstant),
  contender("two-clocks", "floor", ["token"], () => import("./contenders/floors/two-clocks.ts")),
  contender("promise-cache", "floor", ["cold"], promiseCache),
  contender("promise-cache again", "floor", ["cold"], promiseCache),

  contender("axios", "peer", withoutToken, () => import("./contenders/peers/axios.ts")),
  contender("got", "peer", withoutToken, () => import("./contenders/peers/got.ts")),
  contender("ky", "peer", withoutToken, () => import("./contenders/peers/ky.ts")),
  contender("openid-client", "peer", everything, () => import("./contenders/peers/openid-client.ts")),
  contender("simple-oauth2", "peer", everything, () => import("./contenders/peers/simple-oauth2.ts")),
  contender(
    "google-auth-library",
    "peer",
    everything,
    () => import("./contenders/peers/google-auth-library.ts"),
  ),
  contender("@azure/msal-node", "peer", everything, () => import("./contenders/peers/azure-msal-node.ts")),
  contender("auth0", "peer", withoutToken, () => import("./contenders/peers/auth0.ts")),
  contender(
    "undici-oidc-interceptor",
    "peer",
    withoutToken,
    () => import("./contenders/peers/undici-oidc-interceptor.ts"),
  ),
  contender(
    "@badgateway/oauth2-client",
    "peer",
    everything,
    () => import("./contenders/peers/badgateway-oauth2-client.ts"),
  ),

  contender("express", "floor", ["adapter"], express),
  contender("express again", "floor", ["adapter"], express),
  contender("express+noop", "floor", ["adapter"], () => import("./contenders/adapters/express-noop.ts")),
  contender(
    "express+personify",
    "ours",
    ["adapter"],
    () => import("./contenders/adapters/express-mounted.ts"),
  ),
  contender("koa", "floor", ["adapter"], koa),
  contender("koa again", "floor", ["adapter"], koa),
  contender("koa+noop", "floor", ["adapter"], () => import("./contenders/adapters/koa-noop.ts")),
  contender("koa+personify", "ours", ["adapter"], () => import("./contenders/adapters/koa-mounted.ts")),
  contender("hono", "floor", ["adapter"], hono),
  contender("hono again", "floor", ["adapter"], hono),
  contender("hono+noop", "floor", ["adapter"], () => import("./contenders/adapters/hono-noop.ts")),
  contender("hono+personify", "ours", ["adapter"], () => import("./contenders/adapters/hono-mounted.ts")),
];

export function contendersOf(task: TaskName): readonly Contender[] {
  return contenders.filter(({ tasks }) => tasks.includes(task));
}

export function findContender(name: string): Contender {
  const contender = contenders.find((candidate) => candidate.name === name);
  if (contender === undefined) throw new Error(`No contender is called ${name}`);
  return contender;
}

function contender(
  name: string,
  group: Group,
  tasks: readonly TaskName[],
  load: () => Promise<ContenderModule>,
): Contender {
  return { name, group, tasks, load };
}

function undiciRequest() {
  return import("./contenders/floors/undici-request.ts");
}

function asyncConstant() {
  return import("./contenders/floors/async-constant.ts");
}

function promiseCache() {
  return import("./contenders/floors/promise-cache.ts");
}

function express() {
  return import("./contenders/adapters/express-alone.ts");
}

function koa() {
  return import("./contenders/adapters/koa-alone.ts");
}

function hono() {
  return import("./contenders/adapters/hono-alone.ts");
}
