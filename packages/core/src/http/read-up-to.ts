import { ByteCollector } from "./collect-bytes.ts";

/** The bytes of a stream; undefined, with the stream cancelled, where there are more than `limit`. */
export async function readUpTo(
  stream: ReadableStream<Uint8Array<ArrayBuffer>> | null,
  limit: number,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (stream === null) return new Uint8Array();
  const reader = stream.getReader();
  const bytes = new ByteCollector(limit);
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return bytes.whole();
    if (!bytes.add(value)) {
      // The other branch of a cloned stream may still be read, and this one's cancelling would wait for it.
      reader.cancel().catch(() => {});
      return undefined;
    }
  }
}
