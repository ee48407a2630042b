import { describeContractOnServers } from "@personify-auth/contract";

// With a framework of its own: once for each of its versions, whose `dependency` is its name in devDependencies.
describeContractOnServers({
  framework: "TITLE",
  folder: import.meta.dirname,
  capabilities: {
    seesAsyncThrows: true,
    environments: ["production"],
    showsErrorsIn: [],
    printsErrors: true,
  },
});
