import { connect, type Socket } from "node:net";
import { onTestFinished } from "vitest";
import { type Credentials, type Emulator, type EmulatorOptions, startEmulator } from "./index.ts";

/** An emulator that closes with the test. */
export async function running(options?: EmulatorOptions): Promise<Emulator> {
  const emulator = await startEmulator(options);
  onTestFinished(() => emulator.close());
  return emulator;
}

/** The form of a good token request, with members changed, or left out when undefined. */
export function form(
  credentials: Pick<Credentials, "clientId" | "clientSecret">,
  changes: Record<string, string | undefined> = {},
): URLSearchParams {
  const members = {
    client_id: credentials.clientId,
    client_secret: credentials.clientSecret,
    grant_type: "client_credentials",
    ...changes,
  };
  return new URLSearchParams(
    Object.entries(members).filter((member): member is [string, string] => member[1] !== undefined),
  );
}

export function postToken(
  emulator: Emulator,
  body: NonNullable<RequestInit["body"]>,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(emulator.tokenUrl, { method: "POST", body, headers });
}

export interface TokenBody {
  access_token: string;
  expires_in: number;
  token_type: string;
  scope: string;
}

export async function getToken(
  emulator: Emulator,
  credentials: Pick<Credentials, "clientId" | "clientSecret"> = emulator.credentials,
): Promise<string> {
  const response = await postToken(emulator, form(credentials));
  return ((await response.json()) as TokenBody).access_token;
}

/** Calls the API for the first tenant, unless `headers` say otherwise. */
export function callApi(
  emulator: Emulator,
  token: string,
  path: string,
  init: RequestInit = {},
): Promise<Response> {
  const headers = new Headers({
    authorization: `Bearer ${token}`,
    "x-tenant-id": emulator.credentials.tenantId,
  });
  for (const [name, value] of new Headers(init.headers)) headers.set(name, value);
  return fetch(emulator.apiBaseUrl + path, { ...init, headers });
}

/** Sends bytes as they are; resolves with what came back, once the connection is over or `until` is true. */
export function sendRaw(
  emulator: Emulator,
  request: string,
  until: (received: string) => boolean = () => false,
): Promise<{ received: string; ending: "FIN" | "RST" | "open"; socket: Socket }> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(emulator.apiBaseUrl).port), "127.0.0.1");
    onTestFinished(() => void socket.destroy());
    let received = "";
    socket.on("connect", () => socket.write(request));
    socket.on("data", (chunk) => {
      received += chunk.toString("utf8");
      if (until(received)) resolve({ received, ending: "open", socket });
    });
    socket.on("end", () => resolve({ received, ending: "FIN", socket }));
    socket.on("error", () => resolve({ received, ending: "RST", socket }));
  });
}

/** A GET as bytes, with the header lines given. */
export function rawGet(path: string, ...lines: string[]): string {
  return [`GET ${path} HTTP/1.1`, "Host: 127.0.0.1", ...lines, "", ""].join("\r\n");
}
