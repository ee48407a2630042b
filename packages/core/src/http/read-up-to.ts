import { mergeChunks } from "./merge-chunks.ts";

/** The bytes of a stream; undefined, with the stream cancelled, where there are more than `limit`. */
export async function readUpTo(
  stream: ReadableStream<Uint8Array<ArrayBuffer>> | null,
  limit: number,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (stream === null) return new Uint8Array();
  const reader = stream.getReader();
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let merged = 0;
  for (let size = 0; ; ) {
    const { done, value } = await reader.read();
    if (done) return new Uint8Array(await new Blob(chunks).arrayBuffer());
    size += value.byteLength;
    chunks.push(value);
    merged = mergeChunks(chunks, merged);
    if (size > limit) {
      // The other branch of a cloned stream may still be read, and this one's cancelling would wait for it.
      reader.cancel().catch(() => {});
      return undefined;
    }
  }
}
