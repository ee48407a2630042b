import { Console } from "node:console";
import { Writable } from "node:stream";
import { inspect } from "node:util";

/**
 * Looks for each secret, in every form that it travels or is printed in, in every way that a value is logged. Returns
 * where one showed, and in which form.
 */
export function findLeaks(values: ReadonlyMap<string, unknown>, secrets: readonly string[]): string[] {
  const needles = secrets.flatMap((secret) => formsOf(secret));
  const leaks = new Set<string>();
  for (const [name, value] of values) {
    for (const [way, text] of renderings(value)) {
      const found = needles.find(([, needle]) => text.includes(needle));
      if (found !== undefined) leaks.add(`${name}: ${way} (${found[0]})`);
    }
  }
  return [...leaks];
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

/** A secret as it is, and as it stands in URLs, forms, JSON and headers. */
export function formsOf(secret: string): [form: string, text: string][] {
  const formEncoded = new URLSearchParams({ s: secret }).toString().slice(2);
  return [
    ["raw", secret],
    ["in JSON", JSON.stringify(secret).slice(1, -1)],
    ["percent-encoded", encodeURIComponent(secret)],
    ["form-encoded", formEncoded],
    ["in hex", Buffer.from(secret).toString("hex")],
    // HTTP Basic encodes what was form-encoded before.
    ...[secret, formEncoded].flatMap(base64Of).map((text): [string, string] => ["in base64", text]),
  ];
}

/** Base64 of a longer text that holds `part`: where that starts in a group of three changes every character. */
function base64Of(part: string): string[] {
  return [0, 1, 2].flatMap((start) => {
    const bytes = Buffer.concat([Buffer.alloc(start), Buffer.from(part)]);
    const whole = bytes.subarray(0, bytes.length - (bytes.length % 3)).toString("base64");
    const own = whole.slice(start === 0 ? 0 : start + 1);
    return [own, own.replaceAll("+", "-").replaceAll("/", "_")];
  });
}
