import { Console } from "node:console";
import { Writable } from "node:stream";
import { inspect } from "node:util";
import { type Finding, findSecrets } from "./secret-scan/search.test.support.ts";

/** Looks for each secret in every way that a value is logged. A place is the value's name and that way. */
export function findLeaks(values: ReadonlyMap<string, unknown>, secrets: readonly string[]): Finding[] {
  const texts = [...values].flatMap(([name, value]) =>
    renderings(value).map(([way, text]) => [`${name}: ${way}`, text] as const),
  );
  return findSecrets(texts, secrets);
}

/** A value as it is logged in any way. */
export function everythingPrintedOf(value: unknown): string {
  return renderings(value)
    .map(([, text]) => text)
    .join("\n");
}

/** A value as loggers, serialisers and debuggers print it, and each of its causes likewise. */
function renderings(value: unknown): [way: string, text: string][] {
  const found: [string, string][] = [
    ["JSON.stringify", attempt(() => JSON.stringify(value))],
    ["JSON.stringify of a spread copy", attempt(() => JSON.stringify({ ...(value as object) }))],
    ["String", attempt(() => String(value))],
    ["toLocaleString", attempt(() => (value as object).toLocaleString())],
    ["inspect", inspect(value, { depth: Infinity, maxStringLength: null, maxArrayLength: null })],
    [
      "inspect with showHidden",
      inspect(value, { depth: Infinity, showHidden: true, maxStringLength: null, maxArrayLength: null }),
    ],
    ["console.log", logged(value)],
  ];
  if (value instanceof Error) {
    const { stack = "", message, cause } = value;
    found.push(["message", message], ["stack", stack]);
    if (cause !== undefined)
      found.push(...renderings(cause).map(([way, text]): [string, string] => [`cause: ${way}`, text]));
    if (value instanceof AggregateError) {
      for (const error of value.errors) found.push(...renderings(error));
    }
  }
  return found;
}

function attempt(render: () => string | undefined): string {
  try {
    return render() ?? "";
  } catch {
    return "";
  }
}

function logged(value: unknown): string {
  let output = "";
  const stdout = new Writable({
    write(chunk, _encoding, done) {
      output += chunk;
      done();
    },
  });
  const printer = new Console({ stdout });
  printer.log(value);
  printer.log(
    "%s %o %O %j",
    value,
    value,
    value,
    attempt(() => JSON.stringify(value)),
  );
  printer.dir(value, { depth: Infinity, showHidden: true });
  printer.table([value]);
  return output;
}
