import { readFileSync } from "node:fs";
import type { PersonifyError, PersonifyErrorCode } from "../errors.ts";
import { repository } from "./raising-places.test.support.ts";

/** What the comment of a code says. */
interface Entry {
  readonly code: string;
  readonly happened: string;
  readonly causes: string;
  readonly advice: string;
}

/** What opens the part of docs/errors.md that is made; what stands before it is written by hand. */
const start = "<!-- made by `pnpm errors` of the comments in packages/core/src/errors.ts -->\n";

/** docs/errors.md as it should be: an entry per code of its comment in errors.ts, and of errors that were raised. */
export function renderReference(
  raised: ReadonlyMap<PersonifyErrorCode, readonly PersonifyError[]>,
  page: string,
): string {
  const entries = readEntries();
  const missing = [...raised.keys()].filter((code) => !entries.some((entry) => entry.code === code));
  if (missing.length > 0) throw new Error(`errors.ts explains no ${missing.join(", ")}`);
  const [head] = page.split(start);
  return [`${head}${start}`, ...entries.map((entry) => render(entry, raised))].join("\n");
}

function render(
  { code, happened, causes, advice }: Entry,
  raised: ReadonlyMap<PersonifyErrorCode, readonly PersonifyError[]>,
): string {
  const errors = raised.get(code as PersonifyErrorCode) ?? [];
  const example = errors[0]?.message.replace(/127\.0\.0\.1:\d+/, "127.0.0.1:PORT");
  return [
    `## ${code}\n`,
    `${happened}\n`,
    `\`${oneOf(errors, ({ name }) => name)}\`, ${oneOf(errors, retryability)}; end users get ${oneOf(errors, statusOf)}.\n`,
    `> ${example}\n`,
    `Likely causes: ${causes}\n`,
    `What to do: ${advice}\n`,
  ].join("\n");
}

function statusOf({ status, headers }: PersonifyError): string {
  return "retry-after" in headers ? `${status} with Retry-After` : String(status);
}

function retryability({ retryable }: PersonifyError): string {
  return retryable ? "retryable" : "not retryable";
}

/** What is told of these errors, each thing once, the shortest first. */
function oneOf(errors: readonly PersonifyError[], tell: (error: PersonifyError) => string): string {
  return [...new Set(errors.map(tell))].sort((a, b) => a.length - b.length).join(" or ");
}

/** The comments of the codes, each of three paragraphs, in the order of errors.ts. */
function readEntries(): Entry[] {
  const source = readFileSync(`${repository}packages/core/src/errors.ts`, "utf8");
  const [, union = ""] = /export type PersonifyErrorCode =([\s\S]+?);\n\n/.exec(source) ?? [];
  return [...union.matchAll(/\/\*\*([\s\S]+?)\*\/\s+\| "(\w+)"/g)].map(([, comment = "", code = ""]) => {
    const text = comment.replaceAll(/^ *\* ?/gm, "").trim();
    const [, happened = "", causes = "", advice = ""] =
      /^([\s\S]+)\n\nLikely causes: ([\s\S]+)\n\nWhat to do: ([\s\S]+)$/.exec(text) ?? [];
    if (happened === "")
      throw new Error(`errors.ts does not say what happened, causes and what to do: ${code}`);
    return { code, happened, causes, advice };
  });
}
