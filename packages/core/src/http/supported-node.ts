// undici, which is loaded after this, fails on an older Node with what tells nobody why.
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 19)) {
  throw new Error(
    `@personify-auth/core needs Node 22.19 or later, and this is Node ${process.versions.node}: update Node`,
  );
}
