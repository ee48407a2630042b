export type { AroundCall, CallDescription } from "./around-call.ts";
export {
  type BaseOptions,
  bindRequest,
  type ExecutionContext,
  type IncomingRequest,
  type MiddlewareOptions,
  type RequestBinding,
  resolveMiddlewareOptions,
} from "./bind-request.ts";
export {
  type ApiResponse,
  createPersonifyClient,
  type PersonifyClient,
  type RequestOptions,
} from "./client.ts";
export type { ClientOverrides } from "./client-overrides.ts";
export {
  ApiError,
  type ApiErrorResponse,
  ConfigurationError,
  isPersonifyError,
  NetworkError,
  PersonifyError,
  type PersonifyErrorCode,
  type PersonifyErrorInit,
  TimeoutError,
  TokenRequestError,
} from "./errors.ts";
export type { PersonifyEvent } from "./events.ts";
export type { Query } from "./http/query.ts";
export type { RequestBody } from "./http/request-body.ts";
export type { RetryPolicy } from "./http/retry.ts";
export type { PathValues } from "./http/target.ts";
export { type EventLogger, logEvents } from "./log-events.ts";
export { optionsFromEnv, type PersonifyClientOptions } from "./options.ts";
export type { Page, PaginationMetadata, Paginator } from "./pagination.ts";
export type { AccessToken } from "./token/access-token.ts";
export {
  type ClientAuth,
  type ClientCredentials,
  clientSecretBasic,
  clientSecretPost,
} from "./token/client-auth.ts";
export { memoryTokenStore, type StoredToken, type TokenStore } from "./token/token-store.ts";
