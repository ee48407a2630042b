/** Where Node's own fetch, and undici up to 7, look for their dispatcher; and where undici 8 does. */
const legacySlot = Symbol.for("undici.globalDispatcher.1");
const slot = Symbol.for("undici.globalDispatcher.2");
const dispatchers = globalThis as unknown as Record<symbol, object | undefined>;

/** Loading undici 8 replaces what stands in the older slot, where it finds none in its own. */
const beforeUndici = dispatchers[slot] === undefined ? dispatchers[legacySlot] : undefined;

/** Puts back what loading undici replaced: the app's own proxy (NODE_USE_ENV_PROXY) or mock, which it set for fetch. */
export function restoreGlobalDispatcher(): void {
  if (beforeUndici !== undefined) dispatchers[legacySlot] = beforeUndici;
}

/** Whether fetch has a global dispatcher that undici 8 does not know of, and cannot use: it speaks an older interface. */
export function hasForeignGlobalDispatcher(): boolean {
  const legacy = dispatchers[legacySlot];
  // undici 8 and newer Nodes put a wrapper of the same dispatcher there, or the dispatcher itself.
  return (
    legacy !== undefined && legacy !== dispatchers[slot] && legacy.constructor.name !== "Dispatcher1Wrapper"
  );
}
