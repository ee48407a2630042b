import type { ClientDefinition } from "./client-registry.ts";
import { seededRandom } from "./seeded-random.ts";

/** The clients that an emulator starts with; the same seed gives the same secrets. */
export function defaultClients(seed: number) {
  const random = seededRandom(seed + 1);
  const secret = () => random.uuid().replaceAll("-", "");
  return {
    main: { clientId: "exhibitor-portal", clientSecret: secret(), scopes: ["idp_api"] },
    shortLived: {
      clientId: "floorplan-sync",
      clientSecret: secret(),
      scopes: ["idp_api", "floorplan"],
      tokenLifetime: 2,
    },
    withoutGrant: {
      clientId: "attendee-login",
      clientSecret: secret(),
      scopes: ["idp_api"],
      grantTypes: ["authorization_code"],
    },
  } satisfies Record<string, ClientDefinition>;
}
