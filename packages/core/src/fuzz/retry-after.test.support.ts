import fc from "fast-check";
import { parseRetryAfter } from "../backoff.ts";
import type { Property } from "./property.test.support.ts";

interface RetryAfterInput {
  readonly header: string | null;
  readonly now: number;
  /** ms, where the header means something. */
  readonly means: number | undefined;
}

const cap = 30_000;
const days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const two = (number: number) => String(number).padStart(2, "0");

/** A moment in each of the three forms of RFC 9110 §5.6.7, put together by hand. */
const forms: readonly ((at: Date) => string)[] = [
  (at) =>
    `${days[at.getUTCDay()]?.slice(0, 3)}, ${two(at.getUTCDate())} ${months[at.getUTCMonth()]} ${at.getUTCFullYear()} ${timeOf(at)} GMT`,
  (at) =>
    `${days[at.getUTCDay()]}, ${two(at.getUTCDate())}-${months[at.getUTCMonth()]}-${two(at.getUTCFullYear() % 100)} ${timeOf(at)} GMT`,
  (at) =>
    `${days[at.getUTCDay()]?.slice(0, 3)} ${months[at.getUTCMonth()]} ${String(at.getUTCDate()).padStart(2)} ${timeOf(at)} ${at.getUTCFullYear()}`,
];

function timeOf(at: Date): string {
  return [at.getUTCHours(), at.getUTCMinutes(), at.getUTCSeconds()].map(two).join(":");
}

const moment = fc.integer({ min: Date.UTC(2011), max: Date.UTC(2038) });
/** In seconds; at most ten years, so that a year of two digits means the near one in any reading. */
const distance = fc.oneof(fc.integer({ min: -5, max: 40 }), fc.integer({ min: -3e8, max: 3e8 }));

const seconds: fc.Arbitrary<RetryAfterInput> = fc
  .record({
    digits: fc.oneof(fc.bigInt({ min: 0n, max: 40n }), fc.bigInt({ min: 0n })),
    zeros: fc.nat(3),
    now: moment,
  })
  .map(({ digits, zeros, now }) => ({
    header: "0".repeat(zeros) + digits,
    now,
    means: digits > 30n ? cap : Number(digits) * 1_000,
  }));

const date: fc.Arbitrary<RetryAfterInput> = fc
  .record({
    form: fc.constantFrom(...forms),
    now: moment,
    ahead: distance,
  })
  .map(({ form, now, ahead }) => {
    const at = (Math.floor(now / 1_000) + ahead) * 1_000;
    return { header: form(new Date(at)), now, means: Math.min(Math.max(at - now, 0), cap) };
  });

const anything: fc.Arbitrary<RetryAfterInput> = fc.record({
  header: fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string({ unit: fc.constantFrom(..."SunMonGMT, :-+.eE0123456789") }),
    fc.double().map(String),
    fc.bigInt().map(String),
    fc.date().map(String),
    fc.date({ noInvalidDate: true }).map((at) => at.toISOString()),
    fc.tuple(date, fc.nat(40), fc.string({ maxLength: 2 })).map(([{ header }, at, piece]) => {
      const text = header ?? "";
      return text.slice(0, at) + piece + text.slice(at + piece.length);
    }),
    fc.constantFrom("Infinity", "NaN", "-0", "1e400", "0x7f", "1,000", "٣", "３", "", " "),
    fc.constantFrom("Sun, 99 Foo 2030 99:99:99 GMT", "Sun Jun 30 12:00:09 2030 +0100"),
  ),
  now: fc.oneof(moment, fc.integer(), fc.constantFrom(0, 8.64e15)),
  means: fc.constant(undefined),
});

export const retryAfter: Property<RetryAfterInput> = {
  name: "retry-after",
  rule: "Retry-After is a wait of 0 to 30 s, as long as it says where it says it rightly, or nothing",
  inputs: fc.oneof(
    seconds,
    date,
    { weight: 2, arbitrary: anything },
    fc.record({ header: fc.constant(null), now: moment, means: fc.constant(undefined) }),
  ),
  shares: { "a wait": 0.3, nothing: 0.1 },
  check({ header, now, means }) {
    const ms = parseRetryAfter(header, now);
    if (means !== undefined && ms !== means) throw new Error(`${header} means ${means} ms, not ${ms}`);
    if (ms === undefined) return "nothing";
    if (!(ms >= 0 && ms <= cap)) throw new Error(`${header} became ${ms} ms`);
    return "a wait";
  },
};
