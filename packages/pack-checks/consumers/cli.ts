import { run, type Surroundings } from "@personify-auth/cli";
import { expectTypeOf } from "expect-type";

const { stdin, stdout, stderr, env } = process;
const surroundings: Surroundings = { stdin, stdout, stderr, env, signal: AbortSignal.timeout(1_000) };
expectTypeOf(run(["doctor"], surroundings)).toEqualTypeOf<Promise<number>>();
// @ts-expect-error it has to be told where it prints
run(["doctor"], { env });
