import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";

/** Hands a handler Node's own request and response, with no network between: what that costs would hide the rest. */
export function inProcess(
  handle: (request: IncomingMessage, response: ServerResponse) => unknown,
): () => Promise<void> {
  const socket = new Socket();
  return () =>
    new Promise((resolve) => {
      const request = new IncomingMessage(socket);
      request.method = "GET";
      request.url = "/";
      request.headers = { host: "localhost" };
      const response = new ServerResponse(request);
      // Its end is seen here, not by a client.
      response.end = () => {
        resolve();
        return response;
      };
      handle(request, response);
    });
}
