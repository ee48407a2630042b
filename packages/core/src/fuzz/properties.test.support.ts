import { headers, tenantIds } from "./headers.test.support.ts";
import type { Property } from "./property.test.support.ts";
import { retryAfter } from "./retry-after.test.support.ts";
import { seal } from "./seal.test.support.ts";
import { redirects, targets } from "./targets.test.support.ts";
import { tokenBytes } from "./token-bytes.test.support.ts";
import { tokenResponses } from "./token-responses.test.support.ts";
import { wire } from "./wire.test.support.ts";

/** All that is fuzzed. Each is of its own type of input. */
export const properties: readonly Property[] = [
  targets,
  redirects,
  wire,
  headers,
  tenantIds,
  tokenResponses,
  tokenBytes,
  retryAfter,
  seal,
];
