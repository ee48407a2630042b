/** What was asked for makes no sense; the message says what does. */
export class UsageError extends Error {
  override name = "UsageError";
}
