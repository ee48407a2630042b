/** A version of a package, packed. */
export interface Release {
  readonly name: string;
  readonly version: string;
  /** "public" or "restricted". */
  readonly access: string;
  /** The dist-tag that it gets. */
  readonly tag: string;
  readonly tarball: string;
  /** As registries tell it. */
  readonly integrity: string;
}

/** As its tag in git names it, and as npm does. */
export function idOf({ name, version }: Release): string {
  return `${name}@${version}`;
}
