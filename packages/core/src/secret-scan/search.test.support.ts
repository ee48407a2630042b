import { basicCredentials } from "../token/client-auth.ts";

/** A secret that showed: where, in which form, and what stands before it. */
export interface Finding {
  readonly place: string;
  readonly form: string;
  readonly before: string;
}

/** A signed token (RFC 7519 §3.1) is one whoever it was given to, such as two processes of which neither is the test. */
const jwt = /\beyJ[\w-]{16,}\.eyJ[\w-]{16,}\.[\w-]{16,}/;

/** As many characters of each form as the index holds; what is shorter is not searched for. */
const indexed = 8;

/**
 * Whether a text can be searched for. What is shorter, or could be a word or a number, is found wherever one writes
 * that word or number.
 */
export function isSearchable(secret: string): boolean {
  return secret.length >= indexed && /\p{L}/u.test(secret) && /[^\p{L}_$]/u.test(secret);
}

/**
 * Looks for each secret, in every form that it travels or is printed in, and for any JWT. One pass over the texts, however many secrets
 * there are: their beginnings are indexed.
 */
export function findSecrets(
  texts: Iterable<readonly [place: string, text: string]>,
  secrets: Iterable<string>,
): Finding[] {
  const index = new Map<string, (readonly [form: string, needle: string])[]>();
  for (const secret of secrets) {
    for (const form of formsOf(secret)) {
      const start = form[1].slice(0, indexed);
      const others = index.get(start);
      if (others === undefined) index.set(start, [form]);
      else others.push(form);
    }
  }
  const findings: Finding[] = [];
  for (const [place, text] of texts) {
    const signed = jwt.exec(text);
    if (signed !== null) findings.push(finding(place, "a JWT", text, signed.index));
    for (let at = 0; at <= text.length - indexed; at++) {
      const found = index
        .get(text.slice(at, at + indexed))
        ?.find(([, needle]) => text.startsWith(needle, at));
      if (found === undefined) continue;
      findings.push(finding(place, found[0], text, at));
      break;
    }
  }
  return findings;
}

function finding(place: string, form: string, text: string, at: number): Finding {
  return { place, form, before: text.slice(Math.max(0, at - 40), at) };
}

/** A secret as it is, and as it stands in URLs, forms, JSON and headers. */
function formsOf(secret: string): [form: string, text: string][] {
  const formEncoded = new URLSearchParams({ s: secret }).toString().slice(2);
  // More is escaped there than a form needs.
  const [, inBasic = ""] = atob(basicCredentials({ clientId: "", clientSecret: secret })).split(":");
  return [
    ["raw", secret],
    ["in JSON", JSON.stringify(secret).slice(1, -1)],
    ["percent-encoded", encodeURIComponent(secret)],
    ["form-encoded", formEncoded],
    ["form-encoded", inBasic],
    ["in hex", Buffer.from(secret).toString("hex")],
    // HTTP Basic encodes what was form-encoded before.
    ...[secret, formEncoded, inBasic].flatMap(base64Of).map((text): [string, string] => ["in base64", text]),
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
