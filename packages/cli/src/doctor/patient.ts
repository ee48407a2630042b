import {
  type AccessToken,
  type ApiResponse,
  createPersonifyClient,
  type PersonifyClient,
  type PersonifyClientOptions,
} from "@personify-auth/core";
import { type Settings, tokenUrlOf } from "../settings.ts";
import { type BareAnswer, bareRequest } from "./bare-request.ts";

/** How a patient is examined. */
export interface Examination {
  readonly settings: Settings;
  /** The client's options of these settings; throws where they make none. */
  readonly options: () => PersonifyClientOptions;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What the API is asked for. */
  readonly path: string;
  /** Whether `path` is a guess, of which a 404 is good news. */
  readonly isGuess: boolean;
  /** For each request, in ms. */
  readonly timeout: number;
  readonly signal: AbortSignal;
}

/** What came of a request that may fail. */
export type Outcome<T> = { readonly value: T } | { readonly error: unknown };

/** The settings, and what the servers answer to them. Each request is made once, when a check first asks for it. */
export interface Patient extends Examination {
  readonly tokenUrl: URL;
  readonly apiUrl: URL;
  /** A client with other options: for finding out what would work. */
  clientWith(options: Partial<PersonifyClientOptions>): PersonifyClient;
  /** A token request without credentials. */
  askTokenEndpoint(): Promise<Outcome<BareAnswer>>;
  /** A call without a token. */
  askApi(): Promise<Outcome<BareAnswer>>;
  token(): Promise<Outcome<AccessToken>>;
  call(): Promise<Outcome<ApiResponse<unknown>>>;
}

export function examine(examination: Examination): Patient {
  const { settings, options, path, timeout, signal } = examination;
  const clientWith = (changed: Partial<PersonifyClientOptions>) =>
    createPersonifyClient({
      ...options(),
      ...changed,
      timeout: { token: timeout, request: timeout },
      // What fails is to be told, not to be got over.
      retry: false,
    });
  const client = once(() => clientWith({}));
  const limits = { timeout, signal };
  const patient: Patient = {
    ...examination,
    get tokenUrl() {
      return new URL(tokenUrlOf(settings));
    },
    get apiUrl() {
      return new URL(settings["PERSONIFY_API_BASE_URL"] as string);
    },
    clientWith,
    askTokenEndpoint: once(() => outcome(bareRequest(patient.tokenUrl, { ...limits, form: "" }))),
    askApi: once(() => {
      const base = patient.apiUrl.href.replace(/\/$/, "");
      const { tenantId } = options();
      // Where tenants lead to instances, what has none may get no further than that.
      const headers = tenantId ? { "x-tenant-id": tenantId } : {};
      return outcome(bareRequest(new URL(`${base}/${path.replace(/^\//, "")}`), { ...limits, headers }));
    }),
    token: once(() => outcome(client().getAccessToken({ signal }))),
    call: once(() => outcome(client().request("GET", path, { signal }))),
  };
  return patient;
}

function outcome<T>(work: Promise<T>): Promise<Outcome<T>> {
  return work.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
