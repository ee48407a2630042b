import { describeContractOnServers } from "@personify-auth/contract";

const capabilities = {
  seesAsyncThrows: true,
  environments: ["development", "production"],
  showsErrorsIn: [],
  printsErrors: true,
} as const;
const koa = { framework: "Koa", folder: import.meta.dirname, capabilities };

describeContractOnServers({ ...koa, dependency: "koa" });
describeContractOnServers({ ...koa, dependency: "koa2" });
