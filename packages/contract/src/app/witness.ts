/** What happened where the apps run. The suite asks for it, since it cannot look there. */
export interface Witness {
  /** How often clients asked for their secret, which they do for each token request. */
  secretsAsked: number;
  /** Calls of the handlers that came to an end. */
  settledCalls: number;
  /** The tokens that the handler `watched` met, backwards: this is printed where no token may be. */
  readonly tokensBackwards: string[];
  /** The errors that it met. */
  readonly errors: { readonly name: string; readonly message: string; readonly isOurs: boolean }[];
  /** All that was printed with `console.error`. */
  readonly printed: string[];
  /** The rejections that nobody handled. */
  readonly unhandled: string[];
}

const nothing = (): Witness => ({
  secretsAsked: 0,
  settledCalls: 0,
  tokensBackwards: [],
  errors: [],
  printed: [],
  unhandled: [],
});

/** One for all: what it sees belongs to the process, as `console.error` and unhandled rejections do. */
export const witness = nothing();

/** Forgets what it saw and looks on, until the function that it returns is called, once or again. */
export function watch(): () => void {
  Object.assign(witness, nothing());
  const { error } = console;
  console.error = (...values) => void witness.printed.push(values.map(String).join(" "));
  const stopCatching = catchUnhandled((reason) => witness.unhandled.push(String(reason)));
  let isWatching = true;
  return () => {
    if (!isWatching) return;
    isWatching = false;
    console.error = error;
    stopCatching();
  };
}

/** Takes over from others, such as a test runner for which any of them would be a failure of the whole run. */
function catchUnhandled(onReason: (reason: unknown) => void): () => void {
  if (globalThis.process?.on === undefined) {
    const events = globalThis as unknown as EventTarget;
    const onEvent = (event: Event & { readonly reason?: unknown }) => onReason(event.reason);
    events.addEventListener("unhandledrejection", onEvent);
    return () => events.removeEventListener("unhandledrejection", onEvent);
  }
  const others = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", onReason);
  return () => {
    process.off("unhandledRejection", onReason);
    for (const other of others) process.on("unhandledRejection", other);
  };
}
