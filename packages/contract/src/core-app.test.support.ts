import { createServer, type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import {
  ApiError,
  bindRequest,
  type MiddlewareOptions,
  type PersonifyClient,
  PersonifyError,
  type RequestBinding,
  resolveMiddlewareOptions,
} from "@personify-auth/core";
import type { StartedApp } from "./app/app-host.ts";
import type { ContractApp, Mount, Route } from "./app/contract-app.ts";
import { mountOptions } from "./app/mount-options.ts";
import { closeServer, listenUrl } from "./app/node-server.ts";

/** What can be wrong with the adapter, one at a time. */
export type Fault =
  | "no client"
  | "options unchecked until used"
  | "token fetched when mounted"
  | "token fetched for each request"
  | "tenant worked out when the request comes"
  | "tenant remembered from the first request"
  | "first request's client used for all"
  | "tenant of the latest request"
  | "tenant of the end user's own header"
  | "host ignored"
  | "tenant option ignored"
  | "false sends a tenant"
  | "missing tenant replaced"
  | "malformed tenant mended"
  | "allowed tenants ignored"
  | "allowed tenants refused"
  | "forwarded headers not denied"
  | "all headers forwarded"
  | "no headers forwarded"
  | "long headers forwarded"
  | "statuses not mapped"
  | "upstream's status passed on"
  | "no Retry-After"
  | "message sent"
  | "upstream body sent"
  | "secret printed"
  | "token printed"
  | "throwing ends the connection"
  | "rejections not seen"
  | "stream ends early"
  | "hang-up not handled"
  | "client made for each request"
  | "one mount for all"
  | "first mount wins"
  | "client of the latest request"
  | "shared client's token dropped"
  | "shared client's tenant dropped";

interface Incoming extends IncomingMessage {
  tenant?: string | undefined;
}
type Middleware = (request: Incoming) => PersonifyClient | undefined;

export const capabilities = {
  seesAsyncThrows: true,
  environments: ["development", "production"],
  showsErrorsIn: [],
  printsErrors: true,
} as const;

/** An app on core and a few lines of node:http. Right, but for the fault. */
export async function buildOnNode(
  { mounts, authenticationHeader, routes }: ContractApp,
  fault?: Fault,
): Promise<StartedApp> {
  const middleware = mounts.map((mount) => ({ path: mount.path ?? "/", bind: personify(mount, fault) }));
  let latestClient: PersonifyClient | undefined;
  const server = createServer((request: Incoming, response) => {
    let client: PersonifyClient | undefined;
    for (const { path, bind } of middleware) {
      const isFor = request.url?.startsWith(path) || fault === "one mount for all";
      if (isFor && !(fault === "first mount wins" && client !== undefined)) client = bind(request);
    }
    if (authenticationHeader !== undefined) request.tenant = headerOf(request, authenticationHeader);
    const route = routes.find(({ path }) => path === request.url);
    latestClient = client;
    const isLatest = fault === "client of the latest request";
    const clientOf = () => (isLatest ? latestClient : client) as PersonifyClient;
    const handling = handle(route, clientOf, response, fault);
    if (fault === "hang-up not handled") {
      response.once("close", () => {
        if (!response.writableFinished) void Promise.reject(new Error("the end user has gone"));
      });
    }
    handling.catch((error: unknown) => {
      if (fault === "rejections not seen" && route?.kind === "json") return;
      if (fault === "throwing ends the connection" && route?.kind === "throw") request.destroy();
      else answerError(error, response, fault);
    });
  });
  server.listen(0, "127.0.0.1");
  return { url: await listenUrl(server), close: () => closeServer(server) };
}

async function handle(
  route: Route | undefined,
  client: () => PersonifyClient,
  response: ServerResponse,
  fault: Fault | undefined,
): Promise<void> {
  if (route?.kind === "throw") throw route.error();
  if (route?.kind === "json") {
    response.end(JSON.stringify(await route.answer(client)));
    return;
  }
  for await (const chunk of route?.chunks(client) ?? []) {
    response.write(chunk);
    if (fault === "stream ends early") break;
  }
  response.end();
}

function answerError(error: unknown, response: ServerResponse, fault: Fault | undefined): void {
  const { stack, message } = error as Error;
  print(stack ?? message);
  if (fault === "secret printed") print(secretsSeen.join());
  if (fault === "token printed") print(tokensSeen.join());
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const mapped = error instanceof PersonifyError && fault !== "statuses not mapped";
  let status = mapped ? error.status : 500;
  if (fault === "upstream's status passed on" && error instanceof ApiError) status = error.response.status;
  const headers = mapped && fault !== "no Retry-After" ? error.headers : {};
  let body = STATUS_CODES[status] ?? "";
  if (fault === "message sent") body = message;
  if (fault === "upstream body sent" && error instanceof ApiError) body += String(error.response.data);
  response.writeHead(status, headers).end(body);
}

function print(text: string): void {
  // biome-ignore lint/suspicious/noConsole: it is where frameworks print an error that nobody caught
  console.error(text);
}

/** What the faults that print have to print. */
const secretsSeen: string[] = [];
const tokensSeen: string[] = [];

function personify(mount: Mount, fault: Fault | undefined): Middleware {
  const options = broken(
    mountOptions<Incoming>(mount, (request) => ({
      header: (name) => headerOf(request, name),
      hostname: fault === "host ignored" ? "localhost" : (request.headers.host ?? "").replace(/:\d+$/, ""),
      authenticatedTenant: request.tenant,
    })),
    fault,
  );
  if (fault === "secret printed" && "clientSecret" in options) {
    const { clientSecret } = options;
    secretsSeen.push(String(typeof clientSecret === "function" ? clientSecret() : clientSecret));
  }
  if (fault === "options unchecked until used") {
    return (request) => bindRequest(...resolved(options), incoming(request, fault));
  }
  const [client, binding] = resolved(options);
  if (fault === "shared client's token dropped") client.invalidateAccessToken();
  if (fault === "token fetched when mounted") client.getAccessToken().catch(() => {});
  const bind = (request: Incoming) => bindRequest(client, binding, incoming(request, fault));
  let first: PersonifyClient | undefined;
  let latest: Incoming | undefined;
  return (request) => {
    switch (fault) {
      case "no client":
        return undefined;
      case "token fetched for each request":
        client.getAccessToken().catch(() => {});
        return bind(request);
      case "tenant worked out when the request comes": {
        const { tenantId } = binding;
        if (typeof tenantId !== "function") return bind(request);
        const now = tenantId(request);
        return bindRequest(client, { ...binding, tenantId: () => now }, incoming(request, fault));
      }
      case "first request's client used for all":
        first ??= bind(request);
        return first;
      case "tenant of the latest request": {
        latest = request;
        const { tenantId } = binding;
        if (typeof tenantId !== "function") return bind(request);
        const ofLatest = { ...binding, tenantId: () => tenantId(latest ?? request) };
        return bindRequest(client, ofLatest, incoming(request, fault));
      }
      case "client made for each request":
        return bindRequest(...resolved(options), incoming(request, fault));
      case "token printed":
        client.getAccessToken().then(
          ({ value }) => tokensSeen.push(value),
          () => {},
        );
        return bind(request);
      default:
        return bind(request);
    }
  };
}

type Options = MiddlewareOptions<Incoming>;

function resolved(options: Options): [PersonifyClient, RequestBinding<Incoming>] {
  const { client, binding } = resolveMiddlewareOptions(options);
  return [client, binding];
}

/** The options as an adapter with the fault would read them. */
function broken(options: Options, fault: Fault | undefined): Options {
  const { tenantId, allowedTenants, forwardHeaders = [] } = options;
  let remembered: string | undefined;
  switch (fault) {
    case "tenant remembered from the first request":
      if (typeof tenantId !== "function") return options;
      return {
        ...options,
        tenantId(request) {
          remembered ??= tenantId(request);
          return remembered;
        },
      };
    case "tenant of the end user's own header":
      return { ...options, tenantId: (request) => headerOf(request, "x-tenant-id") ?? "none" };
    case "tenant option ignored":
      return typeof tenantId === "string" ? { ...options, tenantId: undefined } : options;
    case "false sends a tenant":
      return tenantId === false ? { ...options, tenantId: "false" } : options;
    case "missing tenant replaced":
      if (typeof tenantId !== "function") return { ...options, tenantId: tenantId ?? "replaced" };
      return { ...options, tenantId: (request) => tenantId(request) || "replaced" };
    case "malformed tenant mended":
      if (typeof tenantId !== "function") return options;
      return { ...options, tenantId: (request) => tenantId(request)?.replace(/\W/g, "-").slice(0, 256) };
    case "allowed tenants ignored":
      return { ...options, allowedTenants: undefined };
    case "allowed tenants refused":
      return allowedTenants === undefined ? options : { ...options, allowedTenants: [] };
    case "forwarded headers not denied":
      return {
        ...options,
        forwardHeaders: forwardHeaders.filter((name) => /^(trace|accept-l|x-[al])/i.test(name)),
      };
    case "all headers forwarded":
      return { ...options, forwardHeaders: [...forwardHeaders, "x-private"] };
    case "no headers forwarded":
      return {
        ...options,
        forwardHeaders: forwardHeaders.map((name) => (/^trace/i.test(name) ? "x-other" : name)),
      };
    case "shared client's tenant dropped":
      return { ...options, tenantId: tenantId ?? false };
    default:
      return options;
  }
}

function incoming(request: Incoming, fault: Fault | undefined) {
  const cut = fault === "long headers forwarded" ? 8_192 : undefined;
  return { raw: request, header: (name: string) => headerOf(request, name)?.slice(0, cut) };
}

function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name.toLowerCase()];
  return typeof value === "object" ? value.join(", ") : value;
}
