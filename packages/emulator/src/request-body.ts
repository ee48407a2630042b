import type { IncomingMessage } from "node:http";

/** Bytes: many times what any request here needs. */
export const LARGEST_BODY = 64 * 1024;

/** The body as text; "too large" as soon as it exceeds `LARGEST_BODY`, "aborted" when the client left. */
export function readBody(
  incoming: IncomingMessage,
): Promise<{ readonly text: string } | { readonly failed: "too large" | "aborted" }> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    incoming.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size <= LARGEST_BODY) return void chunks.push(chunk);
      // The rest is read on, so that the client gets to see the answer, and dropped.
      chunks.length = 0;
      resolve({ failed: "too large" });
    });
    incoming.once("end", () => resolve({ text: Buffer.concat(chunks).toString("utf8") }));
    incoming.once("close", () => resolve({ failed: "aborted" }));
    incoming.once("error", () => resolve({ failed: "aborted" }));
  });
}
