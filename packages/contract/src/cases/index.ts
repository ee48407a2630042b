import type { ContractCase } from "../contract-case.ts";
import { clientCases } from "./client.ts";
import { errorCases } from "./errors.ts";
import { forwardedHeaderCases } from "./forwarded-headers.ts";
import { handlerCases } from "./handlers.ts";
import { hangUpCases } from "./hang-up.ts";
import { sharingCases } from "./sharing.ts";
import { tenantCases } from "./tenants.ts";

/** All that an adapter has to do. */
export const cases: readonly ContractCase[] = [
  ...clientCases,
  ...tenantCases,
  ...forwardedHeaderCases,
  ...errorCases,
  ...handlerCases,
  ...hangUpCases,
  ...sharingCases,
];
