import type { IncomingMessage, ServerResponse } from "node:http";
import { type TokenFormat, tokenFormatOf, type VerifyToken } from "./verify-token.ts";

export const API_PREFIX = "/api/";

const EXHIBITORS_PER_EVENT = 12;
const MAX_ITEMS_PER_PAGE = 50;

/** What the API saw of a request and how it answered. */
export interface ApiRequest {
  method: string;
  /** With the query. */
  path: string;
  status: number;
  tenantId: string | undefined;
  /** Of the bearer token that was sent, whether or not it was active. */
  tokenFormat: TokenFormat | undefined;
  /** Whose token it was; only known of an active one. */
  clientId: string | undefined;
}

/** An item of `GET /api/v1/exhibitor/event/{eventId}`: made up, but the same at each call. */
export interface Exhibitor {
  exhibitorId: string;
  companyName: string;
  booth: string;
  country: string;
  eventId: string;
  tenantId: string;
}

/** The documented pagination wrapper. */
export interface Page<Item> {
  paginationMetadata: {
    currentPage: number;
    totalCount: number;
    totalPages: number;
    hasPreviousPage: boolean;
    hasNextPage: boolean;
    itemsPerPage: number;
  };
  data: Item[];
}

/** Body of `GET /api/v1/whoami`. */
export interface Whoami {
  clientId: string;
  tenantId: string;
  tokenFormat: TokenFormat;
}

interface Answer {
  status: number;
  body: unknown;
  challenge?: string;
  clientId?: string;
}

export function createProtectedApi(verifyToken: VerifyToken, log: (request: ApiRequest) => void) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = "", url: path = "" } = request;
    const token = bearerTokenOf(request);
    const tenantId = tenantIdOf(request);

    const answer = await answerTo(method, new URL(`http://api${path}`), token, tenantId, verifyToken).catch(
      (error: unknown): Answer => ({ status: 500, body: { error: String(error) } }),
    );

    log({
      method,
      path,
      status: answer.status,
      tenantId,
      tokenFormat: token === undefined ? undefined : tokenFormatOf(token),
      clientId: answer.clientId,
    });
    if (answer.challenge !== undefined) response.setHeader("WWW-Authenticate", answer.challenge);
    response.writeHead(answer.status, { "Content-Type": "application/json; charset=utf-8" });
    response.end(JSON.stringify(answer.body));
  };
}

async function answerTo(
  method: string,
  url: URL,
  token: string | undefined,
  tenantId: string | undefined,
  verifyToken: VerifyToken,
): Promise<Answer> {
  if (token === undefined)
    return { status: 401, body: { error: "Bearer token missing" }, challenge: "Bearer" };

  const verified = await verifyToken(token);
  if (verified === undefined) return refusal(401, "invalid_token");
  const { clientId, hasScope } = verified;
  if (!hasScope) return { ...refusal(403, "insufficient_scope"), clientId };
  if (tenantId === undefined) return { status: 400, body: { error: "X-Tenant-Id missing" }, clientId };
  if (method !== "GET") return { status: 405, body: { error: "Method not allowed" }, clientId };

  if (url.pathname === "/api/v1/whoami") {
    const body: Whoami = { clientId, tenantId, tokenFormat: tokenFormatOf(token) };
    return { status: 200, body, clientId };
  }
  const eventId = /^\/api\/v1\/exhibitor\/event\/([^/]+)$/.exec(url.pathname)?.[1];
  if (eventId !== undefined) {
    const page = pageOf(exhibitorsOf(decodeURIComponent(eventId), tenantId), url.searchParams);
    if (page === undefined) {
      return { status: 400, body: { error: "Page and ItemsPerPage are positive integers" }, clientId };
    }
    return { status: 200, body: page, clientId };
  }
  return { status: 404, body: { error: "Not found" }, clientId };
}

function refusal(status: number, error: string): Answer {
  return { status, body: { error }, challenge: `Bearer error="${error}"` };
}

function bearerTokenOf(request: IncomingMessage): string | undefined {
  return /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? "")?.[1];
}

function tenantIdOf(request: IncomingMessage): string | undefined {
  // Node joins the values of a repeated header, so this is never an array.
  return String(request.headers["x-tenant-id"] ?? "") || undefined;
}

function exhibitorsOf(eventId: string, tenantId: string): Exhibitor[] {
  return Array.from({ length: EXHIBITORS_PER_EVENT }, (_, index) => ({
    exhibitorId: `${eventId}-${index + 1}`,
    companyName: `Exhibitor ${index + 1}`,
    booth: String(100 + index),
    country: "DE",
    eventId,
    tenantId,
  }));
}

function pageOf<Item>(items: Item[], query: URLSearchParams): Page<Item> | undefined {
  const currentPage = Number(query.get("Page") ?? 1);
  const itemsPerPage = Math.min(Number(query.get("ItemsPerPage") ?? MAX_ITEMS_PER_PAGE), MAX_ITEMS_PER_PAGE);
  if (![currentPage, itemsPerPage].every((value) => Number.isInteger(value) && value >= 1)) return undefined;

  const totalPages = Math.ceil(items.length / itemsPerPage);
  const start = (currentPage - 1) * itemsPerPage;
  return {
    paginationMetadata: {
      currentPage,
      totalCount: items.length,
      totalPages,
      hasPreviousPage: currentPage > 1,
      hasNextPage: currentPage < totalPages,
      itemsPerPage,
    },
    data: items.slice(start, start + itemsPerPage),
  };
}
