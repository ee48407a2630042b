import { type Emulator, startEmulator } from "@personify-auth/emulator";
import { expectTypeOf } from "expect-type";

/** The names of those fields that are `any`, which nothing else would tell. */
type AnyFields<T> = { [K in keyof T]-?: 0 extends 1 & T[K] ? K : never }[keyof T];

const emulator = await startEmulator({ port: 0, seed: 2, profile: "rfc6749" });
expectTypeOf(emulator).toEqualTypeOf<Emulator>();
expectTypeOf<AnyFields<Emulator>>().toBeNever();
expectTypeOf(emulator.credentials).toEqualTypeOf<Emulator["credentials"]>();
expectTypeOf(emulator.tokenUrl).toBeString();
expectTypeOf(emulator.env).toEqualTypeOf<Readonly<Record<string, string>>>();
emulator.faults.add({ on: "api", kind: "status", status: 503, times: 2 });
// @ts-expect-error there is no such fault
emulator.faults.add({ on: "api", kind: "flood" });
// @ts-expect-error there is no such option
startEmulator({ sede: 2 });
