import {
  type AccessToken,
  type ApiError,
  type ApiErrorResponse,
  type ApiResponse,
  type ConfigurationError,
  createPersonifyClient,
  isPersonifyError,
  type NetworkError,
  optionsFromEnv,
  type Page,
  type PersonifyClient,
  type PersonifyClientOptions,
  type PersonifyError,
  type PersonifyErrorCode,
  type PersonifyEvent,
  type TimeoutError,
  type TokenRequestError,
} from "@personify-auth/core";
import { expectTypeOf } from "expect-type";

interface Exhibitor {
  readonly companyName: string;
}

/** The names of those fields that are `any`, which nothing else would tell. */
type AnyFields<T> = { [K in keyof T]-?: 0 extends 1 & T[K] ? K : never }[keyof T];

const client = createPersonifyClient(optionsFromEnv(process.env));

expectTypeOf<AnyFields<PersonifyClient>>().toBeNever();
expectTypeOf(client.get("/a")).toEqualTypeOf<Promise<unknown>>();
expectTypeOf(client.delete("/a")).toEqualTypeOf<Promise<unknown>>();
expectTypeOf(client.post("/a", {})).toEqualTypeOf<Promise<unknown>>();
expectTypeOf(client.put("/a", {})).toEqualTypeOf<Promise<unknown>>();
expectTypeOf(client.patch("/a", {})).toEqualTypeOf<Promise<unknown>>();
expectTypeOf(client.request("GET", "/a")).toEqualTypeOf<Promise<ApiResponse<unknown>>>();
expectTypeOf(client.fetch("/a")).toEqualTypeOf<Promise<Response>>();
expectTypeOf(client.getAccessToken()).toEqualTypeOf<Promise<AccessToken>>();
expectTypeOf(client.get<Page<Exhibitor>>("/a")).toEqualTypeOf<Promise<Page<Exhibitor>>>();
for await (const item of client.paginate("/a")) expectTypeOf(item).toBeUnknown();
for await (const page of client.paginate<Exhibitor>("/a").pages()) {
  expectTypeOf(page).toEqualTypeOf<Page<Exhibitor>>();
  expectTypeOf(page.paginationMetadata.totalCount).toBeNumber();
}

client.get("/a/{id}", { path: { id: "1" }, query: { Page: 1, Name: undefined }, signal: undefined });
// @ts-expect-error there is no such setting of a call
client.get("/a", { querry: {} });
// @ts-expect-error a tenant is a string or false
client.get("/a", { tenantId: true });

expectTypeOf<AnyFields<ConfigurationError>>().toBeNever();
expectTypeOf<AnyFields<TokenRequestError>>().toBeNever();
expectTypeOf<AnyFields<ApiError>>().toBeNever();
expectTypeOf<AnyFields<TimeoutError>>().toBeNever();
expectTypeOf<AnyFields<NetworkError>>().toBeNever();
expectTypeOf<ApiError["response"]>().toEqualTypeOf<ApiErrorResponse>();
expectTypeOf<ApiErrorResponse["data"]>().toBeUnknown();
expectTypeOf<AnyFields<ApiErrorResponse>>().toBeNever();
expectTypeOf<PersonifyErrorCode>().toExtend<string>();
expectTypeOf<string>().not.toExtend<PersonifyErrorCode>();

client.get("/a").catch((error: unknown) => {
  if (!isPersonifyError(error)) throw error;
  expectTypeOf(error).toEqualTypeOf<PersonifyError>();
  expectTypeOf(error.code).toEqualTypeOf<PersonifyErrorCode>();
  expectTypeOf(error.status).toBeNumber();
  expectTypeOf(error.cause).toBeUnknown();
});

expectTypeOf<AnyFields<PersonifyClientOptions>>().toBeNever();
const isShared = process.argv.includes("--shared");
createPersonifyClient({
  ...optionsFromEnv(process.env),
  scope: isShared ? "shared" : undefined,
  timeout: { token: undefined },
  ...(isShared ? { tenantId: false } : {}),
  onEvent(event) {
    expectTypeOf(event).toEqualTypeOf<PersonifyEvent>();
  },
});
// @ts-expect-error there is no such option
createPersonifyClient({ ...optionsFromEnv(process.env), tennantId: "a" });
// @ts-expect-error an option is missing
createPersonifyClient({ clientId: "id", apiBaseUrl: "https://api.example.org" });
