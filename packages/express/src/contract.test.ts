import { describeContractOnServers } from "@personify-auth/contract";

const express = { framework: "Express", folder: import.meta.dirname };
const common = {
  environments: ["development", "production"],
  showsErrorsIn: ["development"],
  printsErrors: true,
} as const;

describeContractOnServers({
  ...express,
  dependency: "express",
  capabilities: { seesAsyncThrows: true, ...common },
});
describeContractOnServers({
  ...express,
  dependency: "express4",
  capabilities: { seesAsyncThrows: false, ...common },
});
