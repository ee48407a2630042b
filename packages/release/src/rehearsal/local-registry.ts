import { once } from "node:events";
import type { Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

// Its declarations do not pass under the strictest settings.
const { runServer } = createRequire(import.meta.url)("verdaccio") as {
  runServer(config: Record<string, unknown>): Promise<Server>;
};

export interface LocalRegistry {
  readonly url: string;
  /** For npm and pnpm: it is the registry, whatever other one the configuration of whoever runs this names. */
  readonly variables: Record<string, string>;
  /** Besides, for who may publish. */
  readonly credentials: Record<string, string>;
  close(): Promise<void>;
}

/** Starts a registry on this machine that knows no other one, and keeps all it has in `folder`. */
export async function startLocalRegistry(folder: string): Promise<LocalRegistry> {
  const server = await runServer({
    self_path: folder,
    configPath: join(folder, "config.yaml"),
    storage: folder,
    auth: { htpasswd: { file: join(folder, "htpasswd"), algorithm: "bcrypt" } },
    uplinks: {},
    packages: { "**": { access: "$all", publish: "$authenticated" } },
    web: { enable: false },
    log: { type: "stdout", format: "pretty", level: "fatal" },
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return {
    url,
    variables: {
      npm_config_registry: url,
      pnpm_config_registry: url,
      "npm_config_@personify-auth:registry": url,
      // Another registry may have had the same address, and other packages.
      npm_config_cache: join(folder, "npm-cache"),
      pnpm_config_cache_dir: join(folder, "pnpm-cache"),
    },
    credentials: { [`npm_config_${url.replace("http:", "")}:_authToken`]: await makeUser(url) },
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

async function makeUser(registry: string): Promise<string> {
  const answer = await fetch(new URL("-/user/org.couchdb.user:maintainer", registry), {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name: "maintainer", password: crypto.randomUUID() }),
  });
  return ((await answer.json()) as { token: string }).token;
}
