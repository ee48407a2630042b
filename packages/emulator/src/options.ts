import { checkMembers, invalidArgument } from "./invalid-argument.ts";

/**
 * How the token endpoint phrases its answers.
 * - `"identityserver"`: every protocol error is HTTP 400, `invalid_client` included, without a challenge.
 * - `"rfc6749"`: `invalid_client` is 401 with a challenge, a wrong method 405 (RFC 6749 §5.2).
 */
export type Profile = "identityserver" | "rfc6749";

/** Options of `startEmulator`; all may be left out. */
export interface EmulatorOptions {
  /** TCP port on 127.0.0.1, 0 to 65535. Default 0: a free one. */
  readonly port?: number;
  /** Whole number from which tenants, exhibitors and default credentials are made. Default 1. */
  readonly seed?: number;
  /** Default `"identityserver"`. */
  readonly profile?: Profile;
}

/** The given options, checked and with their defaults. @throws TypeError naming the bad option */
export function resolveOptions(options: EmulatorOptions): Required<EmulatorOptions> {
  checkMembers("startEmulator options", options, ["port", "seed", "profile"]);
  const { port = 0, seed = 1, profile = "identityserver" } = options;
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw invalidArgument("option port", "a whole number from 0 to 65535", port);
  }
  if (!Number.isSafeInteger(seed)) throw invalidArgument("option seed", "a whole number", seed);
  if (profile !== "identityserver" && profile !== "rfc6749") {
    throw invalidArgument("option profile", '"identityserver" or "rfc6749"', profile);
  }
  return { port, seed, profile };
}
