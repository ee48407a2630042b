import { publishedIntegrity, publishTarball, taggedVersion } from "./npm.ts";
import { idOf, type Release } from "./release.ts";

/**
 * Publishes what the registry does not have yet, one after the other. Where it ends in the middle, the next call goes on
 * from there. Nothing is published where the registry has one of the versions with another content, or where a dist-tag
 * would go back to an earlier version.
 */
export async function publishReleases(
  releases: readonly Release[],
  say: (line: string) => void,
): Promise<void> {
  const missing: Release[] = [];
  for (const release of releases) {
    if (await isPublished(release)) say(`already published ${idOf(release)}`);
    else missing.push(release);
  }
  for (const release of missing) await requireLatest(release);
  for (const release of missing) {
    say(`publishing ${idOf(release)}`);
    // A connection may break after the registry took the tarball: what it has counts, not what npm says.
    if (!(await publishTarball(release)) && !(await isPublished(release))) {
      throw new Error(
        `${idOf(release)} was not published, for the reason that npm tells above; mend it and run the same command again, which skips what is published`,
      );
    }
    say(`published ${idOf(release)}`);
  }
  say(`${missing.length} published, ${releases.length - missing.length} were already`);
}

async function requireLatest(release: Release): Promise<void> {
  const tagged = await taggedVersion(release);
  if (tagged === undefined || !isEarlier(release.version, tagged)) return;
  throw new Error(
    `${idOf(release)} would take ${release.tag} from ${tagged}, which is published; leave it out, and release the next version`,
  );
}

/** A pre-release counts as the version that it comes before. */
function isEarlier(version: string, other: string): boolean {
  const [one = "", two = ""] = [version, other].map((each) => each.replace(/-.*/, ""));
  return one.localeCompare(two, "en", { numeric: true }) < 0;
}

async function isPublished(release: Release): Promise<boolean> {
  const integrity = await publishedIntegrity(release);
  if (integrity !== undefined && integrity !== release.integrity) {
    throw new Error(
      `The registry has ${idOf(release)} with another content (${integrity}) than what was packed (${release.integrity}); find out who published it, and release the next version`,
    );
  }
  return integrity !== undefined;
}
