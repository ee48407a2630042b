import process from "node:process";
import { inParallel } from "./measures/in-parallel.ts";
import type { RuntimePlan } from "./measures/runtime-cpu.ts";
import { startSubject } from "./runtime-subjects.ts";

const plan = JSON.parse(process.argv[2] ?? "") as RuntimePlan;
const call = await startSubject(plan.subject, plan.target);
await inParallel(call, plan.warmUpCalls, plan.concurrency);
const before = process.cpuUsage();
await inParallel(call, plan.calls, plan.concurrency);
const { user, system } = process.cpuUsage(before);
console.log((user + system) / plan.calls);
process.exit();
