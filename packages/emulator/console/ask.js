/** How long the emulator may be silent, in milliseconds. */
const PATIENCE = 5_000;

/**
 * Asks the emulator, and gives what it answered in JSON.
 *
 * @param {"GET" | "POST" | "DELETE"} method
 * @param {string} path - beneath `/__emulator/`
 * @param {unknown} [body]
 * @throws Error with what the emulator says is wrong, or that it does not answer
 */
export async function ask(method, path, body) {
  const headers = { "content-type": "application/json" };
  const signal = AbortSignal.timeout(PATIENCE);
  const sent =
    body === undefined ? { method, signal } : { method, signal, headers, body: JSON.stringify(body) };
  const [answer, text] = await fetch(`/__emulator/${path}`, sent)
    .then(async (answer) => /** @type {const} */ ([answer, await answer.text()]))
    .catch(() => {
      throw new Error("The emulator does not answer");
    });
  if (!answer.ok) throw new Error(reasonIn(text) ?? `The emulator answered ${answer.status}`);
  return text === "" ? undefined : JSON.parse(text);
}

/** @param {string} text */
function reasonIn(text) {
  try {
    return JSON.parse(text).error;
  } catch {
    return undefined;
  }
}
