import fc from "fast-check";
import { ConfigurationError } from "../errors.ts";
import {
  type PathValues,
  resolveRedirect,
  resolveTarget,
  type Target,
  type TargetRules,
} from "../http/target.ts";
import { hostileUrls, hostileValues, type Neighbourhood, secret } from "./hostile-urls.test.support.ts";
import type { Property } from "./property.test.support.ts";

/** Where calls may go: an origin, and the path that they stay below there. */
export type Ground = Readonly<Record<string, string>>;

const grounds: readonly Ground[] = [
  { "https://api.example.org": "/base/", "https://files.example.org": "/" },
  { "https://api.example.org": "/" },
  { "https://api.example.org:8443": "/b%61se/v1/", "https://api.example.org": "/" },
];

const neighbourhood: Neighbourhood = {
  scheme: "https",
  friends: ["api.example.org", "files.example.org", "api.example.org:8443"],
  strangers: [
    ...["stranger.example", "api.example.org:444", "xapi.example.org", "example.org", "127.0.0.1", "[::1]"],
  ],
  paths: ["/", "", "/base/", "/base", "base/", "/b%61se/v1/", "/api/v1/"],
};

/**
 * Throws where a request to `origin` for `requestTarget` is off the ground. Goes by RFC 3986 alone, without a URL
 * parser: what it is handed is what would go over the wire.
 */
export function checkOnGround(ground: Ground, origin: string, requestTarget: string): void {
  const base = Object.hasOwn(ground, origin) ? ground[origin] : undefined;
  if (base === undefined) throw new Error(`${origin} is not allowed`);
  if (!/^[\x21-\x7e]+$/.test(requestTarget)) throw new Error(`${requestTarget} breaks the request line`);
  const [path = ""] = requestTarget.split("?", 1);
  if (!`${path}/`.startsWith(base)) throw new Error(`${path} is above ${base}`);
  // As a server reads it that decodes first.
  const segments = path.replaceAll(/%2e/gi, ".").split(/[/\\]|%2f|%5c/i);
  if (segments.some((segment) => segment === "." || segment === "..")) throw new Error(`${path} climbs`);
}

/** Throws where a URL is off the ground, as `checkOnGround` does. */
function checkUrl(ground: Ground, url: Target): void {
  // RFC 3986, appendix B.
  const [, origin = "", target = ""] = /^([^:/?#]+:\/\/[^/?#]*)([^#]*)/.exec(url.href) ?? [];
  checkOnGround(ground, origin, target);
  // And as the transport takes it apart.
  checkOnGround(ground, url.origin, url.pathname + url.search);
}

/** Throws where a URL parser would make something else of a target, which may come about without one. */
function checkNormal(target: Target): void {
  const parsed = new URL(target.href);
  for (const part of ["href", "origin", "pathname", "search"] as const) {
    if (parsed[part] !== target[part]) throw new Error(`${target[part]} is parsed as ${parsed[part]}`);
  }
}

function rulesOf(ground: Ground): TargetRules {
  const [[origin, base] = ["", ""], ...others] = Object.entries(ground);
  return { base: new URL(origin + base), allowedOrigins: new Set(others.map(([other]) => other)) };
}

interface TargetInput {
  readonly ground: Ground;
  readonly url: string;
  readonly asObject: boolean;
  readonly values: PathValues;
  readonly query: Readonly<Record<string, string>> | undefined;
}

const urls = hostileUrls(neighbourhood);

export const targets: Property<TargetInput> = {
  name: "targets",
  rule: "a call goes to an allowed origin and stays below the base path, whatever the values of its template, or is refused by a message without its secrets",
  inputs: fc.record({
    ground: fc.constantFrom(...grounds),
    url: urls,
    asObject: fc.boolean(),
    values: hostileValues(neighbourhood),
    query: fc.option(fc.dictionary(urls, urls, { maxKeys: 2 }), { nil: undefined, freq: 4 }),
  }),
  shares: { admitted: 0.1, refused: 0.1 },
  check({ ground, url, asObject, values, query }) {
    const parsed = asObject ? URL.parse(url) : null;
    // A value without its place is refused before anything else is looked at.
    const used = Object.keys(values).filter((name) => parsed === null && url.includes(`{${name}}`));
    const resolve = (fill: (name: string) => string | number | undefined) => {
      const path = Object.fromEntries(used.map((name) => [name, fill(name) as string]));
      return resolveOrRefuse(rulesOf(ground), parsed ?? url, path, query);
    };
    const target = resolve((name) => values[name]);
    if (target === undefined) return "refused";
    checkUrl(ground, target);
    checkNormal(target);
    const plain = used.length > 0 ? resolve(() => "x") : undefined;
    if (plain !== undefined && skeletonOf(plain) !== skeletonOf(target)) {
      throw new Error(`A value breaks out of its place: ${target.href}`);
    }
    return "admitted";
  },
};

function resolveOrRefuse(...call: Parameters<typeof resolveTarget>): Target | undefined {
  try {
    return resolveTarget(...call);
  } catch (error) {
    checkRefusal(error);
    return undefined;
  }
}

/** What parts a URL behind its origin: no value may add to it. */
function skeletonOf({ href, origin }: Target): string {
  return href.slice(origin.length).replaceAll(/[^/\\?#&=;:@]/g, "");
}

function checkRefusal(error: unknown): void {
  if (!(error instanceof ConfigurationError) || error.code !== "target_refused") throw error;
  const shown = error.message + JSON.stringify(error);
  if (shown.includes(secret) || error.cause !== undefined) throw new Error(`The secret shows: ${shown}`);
}

interface RedirectInput {
  readonly ground: Ground;
  readonly from: string;
  readonly location: string;
}

export const redirects: Property<RedirectInput> = {
  name: "redirects",
  rule: "a redirect is followed on its own origin below the base path, and nowhere else",
  inputs: fc.record({
    ground: fc.constantFrom(...grounds),
    from: fc.constantFrom("", "a", "a/b?c", "?c"),
    location: urls,
  }),
  shares: { followed: 0.1, left: 0.1 },
  check({ ground, from, location }) {
    const followed = Object.entries(ground).filter(([origin, base]) => {
      const url = resolveRedirect(rulesOf(ground), new URL(origin + base + from), location);
      if (url !== undefined) checkUrl({ [origin]: base }, url);
      return url !== undefined;
    });
    return followed.length > 0 ? "followed" : "left";
  },
};
