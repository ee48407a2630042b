import { isPersonifyError, type PersonifyErrorCode } from "@personify-auth/core";
import { UsageError } from "./usage-error.ts";

/** What scripts branch on; the README lists them. */
export const exitCodes = {
  ok: 0,
  /** `doctor` found a fault, or something unforeseen happened. */
  fault: 1,
  /** The command line or a setting is wrong. Nothing was sent. */
  usage: 2,
  /** The token endpoint refused, or answered no token. */
  token: 3,
  /** The API refused the call, or answered something else than JSON. */
  api: 4,
  /** No answer: DNS, connection, TLS, a time limit. */
  network: 5,
  /** Throttled or failing: the same may work later. */
  unavailable: 6,
  /** Ctrl+C: 128 and the signal's number, as shells have it. */
  interrupted: 130,
} as const;

const byCode: Partial<Record<PersonifyErrorCode, number>> = {
  invalid_option: exitCodes.usage,
  missing_tenant: exitCodes.usage,
  target_refused: exitCodes.usage,
  header_refused: exitCodes.usage,
  token_request_refused: exitCodes.token,
  token_response_invalid: exitCodes.token,
  token_endpoint_unavailable: exitCodes.unavailable,
  token_timeout: exitCodes.network,
  request_timeout: exitCodes.network,
  network_error: exitCodes.network,
  token_network_error: exitCodes.network,
  response_too_large: exitCodes.network,
  response_invalid: exitCodes.api,
  api_error: exitCodes.api,
};

export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return exitCodes.usage;
  if (!isPersonifyError(error)) return exitCodes.fault;
  if (error.code === "api_error" && error.retryable) return exitCodes.unavailable;
  return byCode[error.code] ?? exitCodes.fault;
}
