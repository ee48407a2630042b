import fc from "fast-check";

/** How the token endpoint answers from now on. Times in ms, `expiresIn` as it stands in the JSON. */
export interface EndpointMode {
  readonly kind: "grants" | "repeats" | "refuses" | "fails" | "throttles" | "lies" | "resets" | "hangs";
  readonly latency: number;
  readonly expiresIn: number | string | undefined;
}

/** How the API answers from now on. It knows good tokens from bad ones in every mode. */
export interface ApiMode {
  readonly kind: "serves" | "rejects" | "fails" | "resets";
  readonly latency: number;
}

/** How the token store behaves from now on. */
export type StoreMode = "works" | "fails" | "hangs" | "forgets" | "garbles" | "refuses leases";

/** One thing that happens to a client. */
export type Action =
  | { readonly do: "call"; readonly method: "GET" | "POST"; readonly count: number; readonly isKept: boolean }
  | {
      readonly do: "ask";
      readonly forceRefresh: boolean;
      readonly abortAfter: number | undefined;
      readonly isKept: boolean;
    }
  /** Ends the requests of workerd in which calls are under way, `hard` also those that `waitUntil` keeps. */
  | { readonly do: "kill requests"; readonly hard: boolean }
  | { readonly do: "invalidate" }
  | { readonly do: "pass"; readonly ms: number }
  | { readonly do: "step the wall clock"; readonly ms: number }
  | { readonly do: "revoke all tokens" }
  | { readonly do: "rotate the secret" }
  | { readonly do: "another process stores a token"; readonly lifetime: number }
  | { readonly do: "set the endpoint"; readonly to: EndpointMode }
  | { readonly do: "set the API"; readonly to: ApiMode }
  | { readonly do: "set the store"; readonly to: StoreMode };

/** A whole run. */
export interface Scenario {
  readonly hasStore: boolean;
  /** As on workerd, where I/O belongs to a request; `isKept` says whether that has a `waitUntil`. */
  readonly isConfined: boolean;
  readonly endpoint: EndpointMode;
  /** Of the random numbers that the code draws. */
  readonly seed: number;
  readonly actions: readonly Action[];
}

const latency = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(1, 20, 100) },
  fc.constantFrom(700, 2_500, 9_999, 10_000, 12_000),
);
const duration = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(0, 1, 10, 50, 250, 500, 1_000, 2_000, 5_000) },
  fc.constantFrom(10_000, 30_000, 60_000, 2_690_000, 3_060_000, 3_594_000, 3_600_000),
  fc.nat(4_000_000),
);

const endpointMode: fc.Arbitrary<EndpointMode> = fc.record({
  kind: fc.oneof(
    { weight: 5, arbitrary: fc.constant("grants" as const) },
    fc.constantFrom("repeats", "refuses", "fails", "throttles", "lies", "resets", "hangs"),
  ),
  latency,
  expiresIn: fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(3_600, 3_600, 2, 60) },
    fc.constantFrom("3600", 0, -1, 1, 1e9, "soon", undefined),
  ),
});

const isKept = fc.oneof({ weight: 15, arbitrary: fc.constant(true) }, fc.constant(false));

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant("call" as const),
      method: fc.constantFrom("GET", "POST"),
      count: fc.constantFrom(1, 1, 2, 5),
      isKept,
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("ask" as const),
      forceRefresh: fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, fc.constant(true)),
      abortAfter: fc.oneof(
        { weight: 3, arbitrary: fc.constant(undefined) },
        fc.constantFrom(0, 1, 50, 5_000),
      ),
      isKept,
    }),
  },
  { weight: 12, arbitrary: fc.record({ do: fc.constant("pass" as const), ms: duration }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("set the endpoint" as const), to: endpointMode }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("set the API" as const),
      to: fc.record({ kind: fc.constantFrom("serves", "serves", "rejects", "fails", "resets"), latency }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("set the store" as const),
      to: fc.constantFrom("works", "fails", "hangs", "forgets", "garbles", "refuses leases"),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("another process stores a token" as const),
      lifetime: fc.constantFrom(2_000, 60_000, 3_600_000),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("step the wall clock" as const),
      ms: fc.constantFrom(-3_600_000, -60_000, -1_000, 1_000, 60_000, 3_600_000, 100_000_000),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("kill requests" as const), hard: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.constant({ do: "invalidate" as const }) },
  { weight: 2, arbitrary: fc.constant({ do: "revoke all tokens" as const }) },
  { weight: 1, arbitrary: fc.constant({ do: "rotate the secret" as const }) },
);

/** All that can happen, in any order. */
export const scenarios: fc.Arbitrary<Scenario> = fc.record({
  hasStore: fc.oneof({ weight: 2, arbitrary: fc.constant(false) }, fc.constant(true)),
  isConfined: fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, fc.constant(true)),
  endpoint: endpointMode,
  seed: fc.nat(),
  actions: fc.array(action, { minLength: 1, maxLength: 40 }),
});
