const known: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/** A value of http.request.method: of methods that anyone could make up there are not to be many. */
export function knownMethod(method: string): string {
  return known.has(method) ? method : "_OTHER";
}
