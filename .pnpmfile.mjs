/**
 * Packages export their source under this condition, for this workspace alone.
 * It leaves the manifest when a package is packed: what users install has `dist` only.
 */
const sourceCondition = "@personify-auth/source";

function withoutSource(conditions) {
  if (conditions === null || typeof conditions !== "object") return conditions;
  return Object.fromEntries(
    Object.entries(conditions)
      .filter(([condition]) => condition !== sourceCondition)
      .map(([condition, target]) => [condition, withoutSource(target)]),
  );
}

/** Where the package is found, in a workflow of GitHub, which alone knows the repository: npm compares it with provenance. */
function origin({ name }) {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository } = process.env;
  if (server === undefined || repository === undefined) return {};
  const url = `${server}/${repository}`;
  const directory = name.replace("@personify-auth/", "packages/");
  return {
    repository: { type: "git", url: `git+${url}.git`, directory },
    homepage: `${url}/tree/main/${directory}#readme`,
    bugs: `${url}/issues`,
  };
}

export const hooks = {
  beforePacking(manifest) {
    const { devDependencies, scripts, ...published } = manifest;
    for (const field of ["exports", "imports"]) {
      if (published[field] !== undefined) published[field] = withoutSource(published[field]);
    }
    return { ...published, ...origin(manifest) };
  },
};
