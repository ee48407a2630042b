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

export const hooks = {
  beforePacking(manifest) {
    const { devDependencies, scripts, ...published } = manifest;
    for (const field of ["exports", "imports"]) {
      if (published[field] !== undefined) published[field] = withoutSource(published[field]);
    }
    return published;
  },
};
