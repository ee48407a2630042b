import { connect, createServer, type Socket } from "node:net";
import { answerQuestions } from "child-process";

// Stands before the emulator as a load balancer does, so that the token endpoint or the API can die or freeze alone,
// while the tokens live on behind it.
const [port, emulatorPort = 0] = process.argv.slice(2).map(Number);

createServer((client) => {
  const server = connect(emulatorPort, "127.0.0.1");
  passOn(client, server);
  passOn(server, client);
}).listen(port, "127.0.0.1", () => answerQuestions({}));

/** Bytes, the end, and a reset. */
function passOn(from: Socket, to: Socket): void {
  from.pipe(to);
  from.on("error", () => to.resetAndDestroy());
  from.on("close", () => to.destroySoon());
}
