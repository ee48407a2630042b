import { join } from "node:path";
import { describeDirectory, describeServer } from "app-directory/suite";
import { startOnWorkerd } from "./start.ts";

describeDirectory(startOnWorkerd);

const folder = join(import.meta.dirname, "..");
describeServer(join(folder, "node_modules/wrangler/bin/wrangler.js"), (environment) => [
  ...["dev", "--cwd", folder, "--env-file", ".env", "--port", "0", "--inspector-port", "0"],
  ...Object.entries(environment).flatMap(([name, value]) => ["--var", `${name}:${value}`]),
]);
