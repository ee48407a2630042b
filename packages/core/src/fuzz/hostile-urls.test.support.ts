import fc from "fast-check";

/** Who is in the world of a property. Each is a host with its port, where it needs one. */
export interface Neighbourhood {
  readonly scheme: "http" | "https";
  /** Where calls may go. */
  readonly friends: readonly string[];
  /** Where they may not. */
  readonly strangers: readonly string[];
  /** Paths that are in use there. */
  readonly paths: readonly string[];
}

/** In user parts and queries: no message may show it. The ~ keeps it out of the name of a template's part. */
export const secret = "s3cr3t~";

const words = (text: string) => text.split(" ");
const dots = words(". .. %2e %2E %2e%2E .%2e %2E. %252e%252e ．． 。。 ․․ ... .\u00a0. ..;");
const slashes = words("/ // /// \\ \\\\ /\\ %2f %2F %5c %5C ／ ⧵ %252f /./ /../");
const invisible = [
  " ",
  ...words("\t \n \r \0 \x7f \u00a0 \u00ad \u200b \u200d \ufeff \u2028 %00 %09 %0d%0a"),
];
/** The likeliest more often: no scheme, the other one, and one that has another URL inside. */
const schemes = [
  ...["", "", "", "http:", "http:", "blob:https:", "blob:https:", "blob:http:"],
  ...words("https: http: HTTPS: hTtP: ht\ttps: https:\t ws: wss: ftp: file: data: javascript: about: x:"),
  ...words("blob:https: view-source:https: \nhttps: https\u00ad:"),
];
const separators = ["", ...words("// / /// \\\\ /\\ \\/ \t// /\t/ //\n")];
const users = [
  `${secret}@`,
  `${secret}:${secret}@`,
  ...words("@ :@ %40 @@ friend%40 ＠ a:b:c@ [@ \\@ ?@ #@"),
];
const ports = words(
  ": :0 :80 :443 :0443 :8443 :65536 :99999 :-1 :8e1 :443@stranger.example :８０ :%34%34%33 :443:443",
);
const ends = [
  ...[`?key=${secret}`, `?a=b&key=${secret}#${secret}`],
  ...words("? # ?/../.. #/../.. ?\\ #@stranger.example ?{a} #{b} ;a=b % %zz %f0%9f &"),
];
const parts = words("{a} {b} { } {} {{a}} {__proto__} {constructor} {a b} {a}{b} .{a} {a}:");
const segments = words("a b1 x-y_z~ * über 日本 😀 \ud800 a%20b a+b ' \" < > | ^ ` [ ] !$&'()*,;=");

/** Mostly what is right, so that what is wrong gets past the first checks. */
function mostly(right: readonly string[], wrong: readonly string[]): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...right) },
    { weight: 1, arbitrary: fc.constantFrom(...wrong) },
  );
}

/** Changes a text at a place. */
type Mutation = (text: string, at: number) => string;

const insert =
  (piece: string): Mutation =>
  (text, at) =>
    text.slice(0, at) + piece + text.slice(at);
const replaceNext =
  (from: string, to: string): Mutation =>
  (text, at) => {
    const found = text.indexOf(from, at);
    return found < 0 ? text : text.slice(0, found) + to + text.slice(found + from.length);
  };
const change =
  (to: (char: string) => string): Mutation =>
  (text, at) =>
    text.slice(0, at) + to(text.charAt(at)) + text.slice(at + 1);
const percentEncoded = (char: string) =>
  Buffer.from(char).reduce((encoded, byte) => `${encoded}%${byte.toString(16).padStart(2, "0")}`, "");

const mutations: readonly Mutation[] = [
  ...[...dots, ...slashes, ...invisible, ...users, ...ports, ...ends, ...parts, ...segments].map(insert),
  ...slashes.map((slash) => replaceNext("/", slash)),
  ...[...dots, "。", "．", "｡", "%2e"].map((dot) => replaceNext(".", dot)),
  replaceNext(":", "："),
  replaceNext("//", ""),
  replaceNext("{a}", "{b}"),
  change(() => ""),
  change((char) => char + char),
  change((char) => char.toUpperCase()),
  change(percentEncoded),
  change((char) => percentEncoded(char).toUpperCase()),
  change((char) => percentEncoded(percentEncoded(char))),
  // Letters and digits have full-width twins, which a host's name is read as.
  change((char) => (/[!-~]/.test(char) ? String.fromCodePoint((char.codePointAt(0) ?? 0) + 0xfee0) : char)),
];

/** Path templates and absolute URLs, right ones and everything that a parser has ever been fooled by. */
export function hostileUrls({ scheme, friends, strangers, paths }: Neighbourhood): fc.Arbitrary<string> {
  const [friend = ""] = friends;
  const dressed = friends.flatMap(disguises);
  const segment = fc.oneof(
    { weight: 8, arbitrary: mostly(segments, [...dots, ...parts]) },
    { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 4 }) },
  );
  const path = fc
    .tuple(
      mostly(paths, ["", ...slashes, ...dots]),
      fc.array(fc.tuple(segment, mostly(["/", ""], slashes)).map(join), { maxLength: 4 }).map(join),
    )
    .map(join);
  const tail = mostly(["", "", "?a=1", "#a"], ends);
  const relative = fc.tuple(path, tail).map(join);
  const absolute = fc
    .tuple(
      mostly([`${scheme}:`], schemes),
      mostly(["//"], separators),
      mostly([""], [...users, `${friend}@`, `${friend}:443@`]),
      mostly([...friends, ...dressed], [...strangers, ...strangers.map((to) => `${friend}.${to}`), ""]),
      mostly([""], ports),
      path,
      tail,
    )
    .map(join);
  const soup = fc.array(
    fc.oneof(
      fc.constantFrom(...dots, ...slashes, ...invisible, ...schemes, ...separators, ...users, ...ports),
      fc.constantFrom(...ends, ...parts, ...segments, ...friends, ...strangers, ...paths),
    ),
    { maxLength: 8 },
  );
  const written = fc.oneof(
    { weight: 5, arbitrary: relative },
    { weight: 5, arbitrary: absolute },
    { weight: 1, arbitrary: soup.map(join) },
  );
  const mutation = fc.record({
    mutate: fc.constantFrom(...mutations),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  return fc
    .tuple(written, fc.oneof(fc.constant([]), fc.array(mutation, { maxLength: 3 })))
    .map(([url, changes]) =>
      changes.reduce((text, { mutate, at }) => mutate(text, Math.floor(at * text.length)), url),
    );
}

/** Values for the parts {a} and {b} of a template, where there are any. */
export function hostileValues({
  friends,
  strangers,
}: Neighbourhood): fc.Arbitrary<Record<string, string | number>> {
  const value = fc.oneof(
    fc.constantFrom(...segments),
    fc.constantFrom(
      ...dots,
      ...slashes,
      ...invisible,
      ...users,
      ...ports,
      ...ends,
      ...parts,
      "",
      "../..",
      "a/../..",
    ),
    fc.constantFrom(...friends, ...strangers.map((to) => `//${to}`), ...strangers.map((to) => `@${to}`)),
    fc.string({ unit: "binary", maxLength: 6 }),
    fc.double(),
  );
  return fc.oneof(fc.record({ a: value, b: value }), fc.record({ a: value }), fc.constant({}));
}

/** Other ways to write a host. Some are the same host, some only look like it. */
function disguises(authority: string): string[] {
  const [, host = "", port = ""] = /^(.*?)(:\d+)?$/.exec(authority) ?? [];
  const looks = [
    host.toUpperCase(),
    `${host}.`,
    `${host}..`,
    host.replaceAll(".", "。"),
    host.replaceAll(".", "．"),
  ];
  looks.push(host.replaceAll(".", "%2e"), host.replace("a", "а"), host.replace("e", "é"), `${host}\u00ad`);
  if (/^127(\.\d+){3}$/.test(host)) {
    looks.push("127.1", "0x7f.1", "0177.0.0.1", "2130706433", "0x7f000001", "127.0.1", "[::ffff:127.0.0.1]");
    looks.push(
      "[::ffff:7f00:1]",
      "[::1]",
      "localhost",
      "127.0.0.1.example",
      "0",
      "127.0.0.01",
      "127.0.0.256",
    );
  }
  return looks.map((look) => look + port);
}

function join(pieces: readonly string[]): string {
  return pieces.join("");
}
