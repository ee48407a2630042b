import { hostOnStdio } from "./app/host-on-stdio.ts";
import { buildOnNode } from "./core-app.test.support.ts";

hostOnStdio(buildOnNode);
