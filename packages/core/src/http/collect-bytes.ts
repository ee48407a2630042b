/** Gathers a body that arrives in pieces. */
export interface ByteCollector {
  /** Takes a piece; false where that makes more bytes than allowed. */
  add(chunk: Uint8Array): boolean;
  /** All that was taken, as one. */
  whole(): Uint8Array<ArrayBuffer>;
  /** All that was taken, read as UTF-8. */
  text(): string;
}

const most = 1_024;
const utf8 = new TextDecoder();

/** Gathers at most `limit` bytes, in a few times their size: a piece of one byte takes a hundred until it is merged. */
export function collectBytes(limit: number): ByteCollector {
  const chunks: Uint8Array[] = [];
  /** How many at the front are the result of a merger. */
  let merged = 0;
  let size = 0;
  return {
    add(chunk) {
      size += chunk.byteLength;
      if (size > limit) return false;
      chunks.push(chunk);
      if (chunks.length - merged === most) merged = chunks.push(concatenate(chunks.splice(merged)));
      return true;
    },
    whole: () => concatenate(chunks),
    // Most answers come in one piece. Not to copy that saves a call 4 % of what undici.request takes.
    text: () => utf8.decode(chunks.length === 1 ? chunks[0] : concatenate(chunks)),
  };
}

function concatenate(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(chunks.reduce((size, { byteLength }) => size + byteLength, 0));
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return whole;
}
