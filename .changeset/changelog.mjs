/** Lines of CHANGELOG.md for who uses a package: no commits, and one line for all dependencies. */
export default {
  getReleaseLine: ({ summary }) => `- ${summary.replaceAll(/\n(?=.)/g, "\n  ")}`,
  getDependencyReleaseLine: (_changesets, updated) =>
    updated.length === 0
      ? ""
      : `- Needs ${updated.map(({ name, newVersion }) => `\`${name}\` ${newVersion}`).join(" and ")}.`,
};
