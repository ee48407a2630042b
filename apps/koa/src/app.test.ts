import { join } from "node:path";
import { runningOn } from "app-directory";
import { describeDirectory, describeServer } from "app-directory/suite";
import { createApp } from "./app.ts";

describeDirectory((options) => runningOn(createApp(options).listen(0, "127.0.0.1")));

describeServer(join(import.meta.dirname, "server.ts"));
