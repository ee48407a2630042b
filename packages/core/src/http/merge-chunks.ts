const most = 1_024;

/**
 * Makes one of the last chunks where many have gathered, since a chunk of one byte takes a hundred. `merged` is how
 * many at the front need no more of it, and so is the result.
 */
export function mergeChunks(chunks: Uint8Array[], merged: number): number {
  if (chunks.length - merged < most) return merged;
  const small = chunks.splice(merged);
  const whole = new Uint8Array(small.reduce((size, { byteLength }) => size + byteLength, 0));
  let offset = 0;
  for (const chunk of small) {
    whole.set(chunk, offset);
    offset += chunk.byteLength;
  }
  chunks.push(whole);
  return chunks.length;
}
