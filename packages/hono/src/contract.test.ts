import { describeContractOnServers, describeContractOnWorkerd } from "@personify-auth/contract";

// Hono knows no environments, and answers with an error's own response without printing it.
const capabilities = {
  seesAsyncThrows: true,
  environments: ["production"],
  showsErrorsIn: [],
  printsErrors: false,
} as const;

for (const dependency of ["hono", "hono-oldest"]) {
  const hono = { framework: "Hono", folder: import.meta.dirname, dependency, capabilities };
  describeContractOnServers(hono);
  describeContractOnWorkerd(hono);
}
