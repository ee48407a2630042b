/** Where a contender gets its token and sends its calls. */
export interface Target {
  /** Of the server, such as `http://127.0.0.1:8080`. */
  readonly origin: string;
  readonly tokenUrl: string;
  readonly apiPath: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** A contender that is set up, with its caches empty. */
export interface Running {
  /** One authorized call. Returns the parsed JSON. */
  call(): Promise<unknown>;
  /** The token, from its cache where it is good, for those that hand it out. */
  getToken?(): Promise<unknown>;
}

/** What the module of a contender exports. */
export interface ContenderModule {
  setUp(target: Target): Running | Promise<Running>;
}

/** A floor is what the others are measured by: the least that their task can cost, or a framework without us. */
export type Group = "ours" | "floor" | "peer";

export type TaskName =
  | "call"
  | "token"
  | "cold"
  | "boundary"
  | "adapter"
  | "size"
  | "memory"
  | "import"
  | "growth"
  | "runtimes";

export interface Contender {
  readonly name: string;
  readonly group: Group;
  readonly tasks: readonly TaskName[];
  readonly load: () => Promise<ContenderModule>;
}

export function targetAt(origin: string): Target {
  return {
    origin,
    tokenUrl: `${origin}/connect/token`,
    apiPath: "/api/v1/exhibitor/event/2024",
    clientId: "bench",
    clientSecret: "bench-secret",
  };
}
