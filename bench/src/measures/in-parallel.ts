/** `calls` calls, `concurrency` at a time. */
export async function inParallel(
  call: () => Promise<unknown>,
  calls: number,
  concurrency: number,
): Promise<void> {
  let begun = 0;
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (begun++ < calls) await call();
    }),
  );
}
