import { setTimeout as sleep } from "node:timers/promises";
import { type Emulator, startEmulator } from "@personify-auth/emulator";
import { type RedisServer, startRedis } from "@personify-auth/redis-server";
import { describeProcess, fromSource, type RunningProcess } from "child-process";
import { Agent, request } from "undici";
import type { AppAnswers } from "./app.ts";

/** What came of calls. */
export interface Load {
  readonly calls: number;
  readonly failed: number;
  /** Why, and how many of each. */
  readonly causes: ReadonlyMap<string, number>;
}

/** A fleet of processes of the app on one Redis, all with the same credentials, and callers who ask for pages. */
export interface Stage {
  readonly emulator: Emulator;
  readonly redis: RedisServer;
  readonly members: readonly Member[];
  /** Sets how long the tokens live that are issued from now on, in s. */
  setLifetime(seconds: number): void;
  /** Gives the members another secret, and has the old one refused. */
  rotateSecret(): Promise<void>;
  /** Calls of each member, all at once. */
  wave(callsPerMember: number): Promise<Load>;
  /** Callers of all members, over and over, until `scene` is over. */
  underLoad(scene: () => Promise<unknown>): Promise<Load>;
  close(): Promise<void>;
}

export interface Member {
  readonly process: RunningProcess<AppAnswers>;
  start(): Promise<void>;
}

/** Of a token, in s. */
export const lifetime = 3;
const clientId = "fleet";
const callersPerMember = 2;
/** ms between the answer to a caller and its next call. */
const pause = 40;

export async function openStage(processes: number): Promise<Stage> {
  const [emulator, redis] = await Promise.all([startEmulator(), startRedis()]);
  const [tenant] = emulator.tenants;
  const path = `/events/${tenant?.events[0]?.id}`;
  const agent = new Agent({ connections: 200 });
  const urls: (string | undefined)[] = [];
  let secret = "first-secret-of-the-fleet-1";
  emulator.clients.add({ clientId, clientSecret: secret, tokenLifetime: lifetime });

  const members = Array.from({ length: processes }, (_, index): Member => {
    const process = describeProcess<AppAnswers>(new URL("app.ts", import.meta.url), {
      args: [
        index % 2 === 0 ? "ioredis" : "redis",
        redis.url,
        emulator.apiBaseUrl,
        tenant?.id ?? "",
        clientId,
      ],
      flags: [fromSource],
    });
    return {
      process,
      async start() {
        await process.start();
        await process.ask("setSecret", secret);
        urls[index] = await process.ask("url");
      },
    };
  });

  /** Why a page did not come; undefined where it did. As a load balancer does, it goes on to the next where one is dead. */
  async function call(index: number, tries = processes): Promise<string | undefined> {
    try {
      const { statusCode, body } = await request(urls[index % processes] + path, {
        dispatcher: agent,
        headers: { host: "fleet.example", accept: "application/json" },
      });
      await body.dump();
      return statusCode === 200 ? undefined : `status ${statusCode}`;
    } catch (error) {
      return tries > 1 ? await call(index + 1, tries - 1) : `no answer: ${error}`;
    }
  }

  function tally() {
    const load = { calls: 0, failed: 0, causes: new Map<string, number>() };
    return {
      load,
      async callOnce(index: number) {
        const cause = await call(index);
        load.calls += 1;
        if (cause === undefined) return;
        load.failed += 1;
        load.causes.set(cause, (load.causes.get(cause) ?? 0) + 1);
      },
    };
  }

  return {
    emulator,
    redis,
    members,
    setLifetime: (tokenLifetime) => emulator.clients.update(clientId, { tokenLifetime }),
    async rotateSecret() {
      const old = secret;
      secret = "second-secret-of-the-fleet-2";
      emulator.clients.update(clientId, { clientSecrets: [old, secret] });
      await Promise.all(members.map(({ process }) => process.ask("setSecret", secret)));
      emulator.clients.update(clientId, { clientSecrets: [secret] });
    },
    async wave(callsPerMember) {
      const { load, callOnce } = tally();
      await Promise.all(Array.from({ length: processes * callsPerMember }, (_, index) => callOnce(index)));
      return load;
    },
    async underLoad(scene) {
      const { load, callOnce } = tally();
      let isOver = false;
      const callers = Array.from({ length: processes * callersPerMember }, async (_, index) => {
        while (!isOver) {
          await callOnce(index);
          await sleep(pause);
        }
      });
      await scene().finally(() => {
        isOver = true;
      });
      await Promise.all(callers);
      return load;
    },
    async close() {
      await Promise.all(members.map(({ process }) => process.kill()));
      await agent.destroy();
      await redis.kill();
      await emulator.close();
    },
  };
}
