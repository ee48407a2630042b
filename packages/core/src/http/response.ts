import { parseRetryAfter } from "../backoff.ts";
import { ApiError } from "../errors.ts";
import type { TransportResponse } from "./transport.ts";

/**
 * The data of a successful answer: its parsed JSON, undefined where it is empty. Throws an `ApiError` for any other
 * answer. `method` and `path` name the call in the message, such as "GET /api/v1/x".
 */
export function readResponse(answer: TransportResponse, method: string, path: string | URL): unknown {
  const isSuccess = answer.status >= 200 && answer.status <= 299;
  const data = parse(answer.body);
  if (isSuccess && data !== notJson) return data;
  const call = `${method} ${describePath(path)}`;
  const response = {
    status: answer.status,
    headers: new Headers([...answer.headers]),
    data: data === notJson ? answer.body : data,
  };
  if (isSuccess) {
    throw new ApiError(
      `The answer to ${call} is not JSON; read other content with client.fetch(), and check apiBaseUrl if JSON was expected`,
      { code: "response_invalid" },
      response,
    );
  }
  const retryAfter = parseRetryAfter(answer.headers.get("retry-after"), Date.now());
  throw new ApiError(
    `The API answered ${call} with HTTP ${answer.status}; ${advice(answer.status)}`,
    { code: "api_error", retryAfter },
    response,
  );
}

const notJson = Symbol("not JSON");

function parse(body: string): unknown {
  if (body === "") return undefined;
  try {
    return JSON.parse(body);
  } catch {
    // The parser's message quotes the body.
    return notJson;
  }
}

/** The path as the caller wrote it: a template's values and any query stay out of messages. */
function describePath(path: string | URL): string {
  if (path instanceof URL) return path.pathname;
  return path.replace(/[?#].*$/s, "");
}

function advice(status: number): string {
  if (status === 401)
    return "a renewed token was rejected too: check that clientId, scope and tenantId belong to this API";
  if (status === 403) return "check what this client and tenant are granted";
  if (status === 404) return "check the path, apiBaseUrl and the tenant";
  if (status === 429) return "slow down, or try again after Retry-After";
  if (status >= 300 && status <= 399) return "redirects to another origin are not followed: check apiBaseUrl";
  if (status >= 500) return "the API failed: try again later";
  return "see error.response for what it said";
}
