import { redisTokenStore } from "@personify-auth/redis";
import { runningOn } from "app-directory";
import { createApp } from "app-express";
import { answerQuestions } from "child-process";
import { Redis } from "ioredis";
import { createClient } from "redis";

const [library = "", redisUrl = "", origin = "", tenantId = "", clientId = ""] = process.argv.slice(2);

const store = redisTokenStore(library === "ioredis" ? connectIoredis() : connectNodeRedis());
let clientSecret = "";
let isRequesting = false;

const { url } = await runningOn(
  createApp({
    personify: {
      clientId,
      clientSecret: () => clientSecret,
      tokenUrl: `${origin}/connect/token`,
      apiBaseUrl: origin,
      allowInsecureHttp: "loopback",
      tokenStore: store,
      // Half of it is how long a lease lives on when its holder is dead.
      timeout: { token: 4_000 },
      onEvent({ type }) {
        if (type === "token_requested") isRequesting = true;
        if (type === "token_received" || type === "token_request_failed") isRequesting = false;
      },
    },
    tenantsByHost: new Map([["fleet.example", tenantId]]),
    onError: (error) => console.error(error),
  }).listen(0, "127.0.0.1"),
);

const answers = {
  url: () => url,
  isRequesting: () => isRequesting,
  /** What the app gets from now on where it asks for its secret, as from a vault. */
  setSecret(secret: string) {
    clientSecret = secret;
  },
};

export type AppAnswers = typeof answers;

answerQuestions(answers);

function connectIoredis() {
  // It connects again by itself; what is lost meanwhile is told by store_failed.
  return new Redis(redisUrl).on("error", () => {});
}

function connectNodeRedis() {
  const client = createClient({ url: redisUrl }).on("error", () => {});
  void client.connect();
  return client;
}
