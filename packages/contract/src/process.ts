export { hostOnStdio } from "./app/host-on-stdio.ts";
export { closeServer, listenUrl } from "./app/node-server.ts";
