import { inParallel } from "./measures/in-parallel.ts";
import type { RuntimePlan } from "./measures/runtime-cpu.ts";
import { startSubject } from "./runtime-subjects.ts";

let call: (() => Promise<unknown>) | undefined;

/** Makes all calls of a plan in one request, so that the request itself costs next to nothing. */
export default {
  async fetch(request: Request): Promise<Response> {
    const { subject, target, calls, concurrency } = (await request.json()) as RuntimePlan;
    call ??= await startSubject(subject, target);
    await inParallel(call, calls, concurrency);
    return new Response("done");
  },
};
