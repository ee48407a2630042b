import { telemetryOfACall } from "./telemetry-of-a-call.test.support.ts";

process.stdout.write(JSON.stringify(await telemetryOfACall(process.env as Record<string, string>)));
