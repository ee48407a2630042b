/** ms until each of `callers`, who all ask at once, has its token; and how many got none. */
export async function coldStart(
  getToken: () => Promise<unknown>,
  callers: number,
): Promise<{ ms: number; failed: number }> {
  const startedAt = performance.now();
  const outcomes = await Promise.allSettled(Array.from({ length: callers }, getToken));
  const ms = performance.now() - startedAt;
  return { ms, failed: outcomes.filter(({ status }) => status === "rejected").length };
}
