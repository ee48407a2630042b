import { telemetryOfACall } from "./telemetry-of-a-call.test.support.ts";

export default {
  async fetch(_request: Request, env: Readonly<Record<string, string>>): Promise<Response> {
    return Response.json(await telemetryOfACall(env));
  },
};
