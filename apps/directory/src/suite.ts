import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { format } from "node:util";
import { startAuthorizationServer } from "@personify-auth/authorization-server";
import { startEmulator, type Tenant } from "@personify-auth/emulator";
import { afterEach, describe, expect, it, onTestFinished } from "vitest";
import { type StartDirectory, type StartOptions, toEnvironment } from "./start.ts";

const closing: (() => Promise<unknown>)[] = [];

/** The behaviour of an exhibitor directory, for each app that is one. */
export function describeDirectory(start: StartDirectory): void {
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  async function startApp(options: Omit<StartOptions, "onError">) {
    // As the operator reads them: from another process comes nothing but text.
    const errors: string[] = [];
    const { url, close } = await start({ ...options, onError: (error) => errors.push(format(error)) });
    closing.unshift(close);
    return { url, errors };
  }

  async function startDirectory() {
    const emulator = await startEmulator();
    closing.push(() => emulator.close());
    const { clientId, clientSecret } = emulator.credentials;
    const [first, second] = emulator.tenants as readonly [Tenant, Tenant];
    const app = await startApp({
      personify: {
        clientId,
        clientSecret,
        tokenUrl: emulator.tokenUrl,
        apiBaseUrl: emulator.apiBaseUrl,
        allowInsecureHttp: "loopback",
      },
      tenantsByHost: new Map([
        ["first.example", first.id],
        ["second.example", second.id],
      ]),
    });
    return { emulator, first, second, ...app };
  }

  describe("the exhibitor directory", () => {
    it("shows a page of the event of the tenant that the host name stands for", async () => {
      const { url, first } = await startDirectory();
      const page = await visit(url, `/events/${first.events[0]?.id}?page=2`, { host: "first.example" });
      expect(page.status).toBe(200);
      expect(page.body).toContain("140 exhibitors, page 2 of 7");
      expect(page.body.match(/<tr><td>/g)).toHaveLength(20);
      expect(page.body).toContain("?page=1");
      expect(page.body).toContain("?page=3");
    });

    it("takes the tenant from a header where the host name stands for none", async () => {
      const { url, second } = await startDirectory();
      const path = `/events/${second.events[0]?.id}`;
      const page = await visit(url, path, { "x-tenant-id": second.id, accept: "application/json" });
      expect(JSON.parse(page.body).data).toHaveLength(20);
    });

    it("finds an exhibitor by the e-mail address of its contact", async () => {
      const { url, first } = await startDirectory();
      const eventPath = `/events/${first.events[0]?.id}`;
      const list = await visit(url, eventPath, { host: "first.example", accept: "application/json" });
      const [exhibitor] = JSON.parse(list.body).data;
      const path = `${eventPath}/contacts/${encodeURIComponent(exhibitor.contactEmail)}`;
      const found = await visit(url, path, { host: "first.example" });
      expect(JSON.parse(found.body)).toMatchObject({ companyName: exhibitor.companyName });
    });

    it("answers 400 to a request of no tenant and 403 to one of an unknown tenant, with nothing sent", async () => {
      const { url, emulator, first } = await startDirectory();
      const path = `/events/${first.events[0]?.id}`;
      expect((await visit(url, path)).status).toBe(400);
      expect((await visit(url, path, { "x-tenant-id": "someone-else" })).status).toBe(403);
      expect(emulator.requests()).toEqual([]);
    });

    it("shows an error page that tells the end user nothing of what failed, and tells the operator", async () => {
      const { url, emulator, first, errors } = await startDirectory();
      emulator.faults.add({ on: "token", kind: "status", status: 429, retryAfter: 60, times: Infinity });
      const page = await visit(url, `/events/${first.events[0]?.id}`, { host: "first.example" });
      expect(page.status).toBe(503);
      expect(page.headers["retry-after"]).toBe("30");
      expect(page.body).toContain("Error 503");
      expect(page.body).not.toMatch(/token/i);
      await expect.poll(() => errors).toEqual([expect.stringContaining("token_endpoint_unavailable")]);
    });

    it("escapes what the API sends", async () => {
      const { url, emulator, first } = await startDirectory();
      const body = {
        paginationMetadata: { totalCount: "<script>alert(2)</script>", totalPages: 1, currentPage: 1 },
        data: [{ companyName: "<script>alert(1)</script>", booth: "1", country: "DE" }],
      };
      emulator.faults.add({ on: "api", kind: "status", status: 200, body });
      const page = await visit(url, `/events/${first.events[0]?.id}`, { host: "first.example" });
      expect(page.body).toContain("&#60;script&#62;");
      expect(page.body).not.toContain("<script>");
    });
  });

  describe("the exhibitor directory on an authorization server that is not ours", () => {
    it("runs on its tokens, one token request for many pages", async () => {
      const server = await startAuthorizationServer();
      closing.push(() => server.close());
      const { url } = await startApp({
        personify: {
          ...server.clients.post,
          tokenUrl: server.tokenUrl,
          apiBaseUrl: server.apiBaseUrl,
          allowInsecureHttp: "loopback",
        },
        tenantsByHost: new Map([["first.example", "tenant-1"]]),
      });
      const pages = await Promise.all(
        Array.from({ length: 20 }, () => visit(url, "/events/spring-fair", { host: "first.example" })),
      );
      expect(pages.map(({ status }) => status)).toEqual(pages.map(() => 200));
      expect(pages[0]?.body).toContain("12 exhibitors");
      expect(server.tokenRequests()).toBe(1);
      expect(server.apiRequests().map(({ tenantId }) => tenantId)).toEqual(pages.map(() => "tenant-1"));
    });

    it("answers 502 where it refuses the secret, after one token request", async () => {
      const server = await startAuthorizationServer();
      closing.push(() => server.close());
      const { url, errors } = await startApp({
        personify: {
          ...server.clients.post,
          clientSecret: "not-the-secret",
          tokenUrl: server.tokenUrl,
          apiBaseUrl: server.apiBaseUrl,
          allowInsecureHttp: "loopback",
        },
        tenantsByHost: new Map([["first.example", "tenant-1"]]),
      });
      for (let index = 0; index < 5; index++) {
        expect((await visit(url, "/events/spring-fair", { host: "first.example" })).status).toBe(502);
      }
      await expect.poll(() => errors).toHaveLength(5);
      for (const text of ["invalid_client", "token_request_refused"]) expect(errors[0]).toContain(text);
      expect(server.tokenRequests()).toBe(1);
      expect(server.apiRequests()).toEqual([]);
    });
  });
}

// node:http, since fetch does not let a Host header be set.
async function visit(url: string, path: string, headers: Record<string, string> = {}) {
  const request = httpRequest(url + path, { headers: { accept: "text/html", ...headers } });
  request.end();
  const [answer] = await once(request, "response");
  let body = "";
  for await (const chunk of answer.setEncoding("utf8")) body += chunk;
  return { status: answer.statusCode as number, headers: answer.headers as Record<string, string>, body };
}

/**
 * That an app's server starts with one command, from environment variables. `serverPath`: its module; `args`: what
 * follows on the command line.
 */
export function describeServer(
  serverPath: string,
  args: (environment: Record<string, string>) => string[] = () => [],
): void {
  it("starts from environment variables and serves a page", async () => {
    const emulator = await startEmulator();
    onTestFinished(() => emulator.close());
    const { credentials, tokenUrl, apiBaseUrl } = emulator;
    const environment = toEnvironment({
      personify: { ...credentials, tokenUrl, apiBaseUrl, allowInsecureHttp: "loopback" },
      tenantsByHost: new Map([["127.0.0.1", credentials.tenantId]]),
    });
    const server = spawn(
      process.execPath,
      ["--conditions=@personify-auth/source", serverPath, ...args(environment)],
      { env: { ...process.env, ...environment, PORT: "0" }, stdio: ["ignore", "pipe", "pipe"] },
    );
    // Not inherited: what it prints is searched for secrets on its way.
    server.stderr.pipe(process.stderr, { end: false });
    onTestFinished(async () => {
      if (server.exitCode === null && server.kill()) await once(server, "exit");
    });
    const port = await readPort(server);
    const page = await fetch(`http://127.0.0.1:${port}/events/${emulator.tenants[0]?.events[0]?.id}`);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain("140 exhibitors");
  });
}

/** From the line in which a server tells where it listens. */
async function readPort(server: ChildProcess): Promise<string | undefined> {
  let output = "";
  for await (const chunk of server.stdout?.setEncoding("utf8").iterator({ destroyOnReturn: false }) ?? []) {
    output += chunk;
    const port = /(?:port: |http:\/\/127\.0\.0\.1:)(\d+)/.exec(output)?.[1];
    if (port !== undefined) return port;
  }
  throw new Error(`The server ended without telling where it listens: ${output}`);
}
