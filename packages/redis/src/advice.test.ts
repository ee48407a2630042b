import { expect, test } from "vitest";
import { adviceFor } from "./advice.ts";

test.each([
  [
    "a script on a replica, Redis 6",
    "ERR Error running script (call to f_1a): @user_script:4: @user_script: 4: -READONLY You can't write against a read only replica.",
    "replica",
  ],
  [
    "a script on a full Redis 6",
    "ERR Error running script (call to f_1a): @user_script:4: @user_script: 4: -OOM command not allowed when used memory > 'maxmemory'.",
    "full",
  ],
  [
    "a key of another type, Redis 6",
    "ERR Error running script (call to f_1a): @user_script:1: WRONGTYPE Operation against a key holding the wrong kind of value",
    "another type",
  ],
  [
    "a user that may not, Redis 6",
    "NOPERM this user has no permissions to run the 'evalsha' command or its subcommand",
    "may not do this",
  ],
  ["no password", "NOAUTH Authentication required.", "credentials"],
  ["a key that is on another node", "MOVED 3999 127.0.0.1:6381", "cluster client"],
  [
    "a disk that is full",
    "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk.",
    "disk",
  ],
  [
    "a client of redis that is subscribed, by RESP2",
    "ERR Can't execute 'evalsha': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context",
    "a client of its own",
  ],
  [
    "a client of ioredis that is subscribed",
    "Connection in subscriber mode, only subscriber commands may be used",
    "a client of its own",
  ],
  [
    "automatic pipelines of ioredis 5.10",
    "All keys in the pipeline should belong to the same slots allocation group",
    "autoPipeliningIgnoredCommands",
  ],
  ["Redis 2.4", "ERR unknown command 'EVALSHA'", "2.6.12"],
])("%s has its advice", (_what, message, advice) => {
  expect(adviceFor(new Error(message))).toContain(advice);
});

test.each([
  new Error("ERR value is not an integer or out of range"),
  new Error("LOADING"),
  "READONLY",
  undefined,
])("%s has none", (error) => {
  expect(adviceFor(error)).toBeUndefined();
});
