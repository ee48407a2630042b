import { clientSecretPost } from "../token/client-auth.ts";
import type { TokenEndpoint } from "../token/token-endpoint.ts";

/** The endpoint of every simulated token source. */
export const endpoint: TokenEndpoint = {
  tokenUrl: new URL("https://auth.example/connect/token"),
  clientId: "client",
  clientAuth: clientSecretPost(),
  scope: undefined,
  parameters: [],
};

/** ms that an acquisition may take. */
export const tokenTimeout = 10_000;

/** What a store that hangs may cost on top: three operations of 250 ms, and the lease's release. */
export const storeAllowance = 1_000;
