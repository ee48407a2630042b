import { type SeededRandom, seededRandom } from "../seeded-random.ts";
import {
  CATEGORIES,
  COMPANY_FIRST,
  COMPANY_FORMS,
  COMPANY_SECOND,
  FIRST_NAMES,
  LAST_NAMES,
  PLACES,
  SHOW_NAMES,
  SHOW_YEARS,
  STATUSES,
  STRENGTHS,
  TENANT_NAMES,
} from "./words.ts";

/** One company's stand at one event, as the API sends it. */
export interface Exhibitor {
  /** A UUID. */
  readonly id: string;
  /** The event that the stand is at. */
  readonly eventId: string;
  /** The company, with its legal form. */
  readonly companyName: string;
  /** The number of the stand. */
  readonly booth: string;
  /** Whether the company will be there. */
  readonly status: "Confirmed" | "Pending" | "Cancelled";
  /** First and last name. */
  readonly contactName: string;
  /** At a domain reserved for examples. */
  readonly contactEmail: string;
  /** A made-up number. */
  readonly phone: string;
  /** Where the company is. */
  readonly city: string;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  /** A URL at a domain reserved for examples. */
  readonly website: string;
  /** What the company deals in. */
  readonly categories: readonly string[];
  /** A sentence about the company. */
  readonly description: string;
}

/** One event of a tenant. */
export interface TradeShow {
  /** What a path takes as `{eventId}`. */
  readonly id: string;
  /** Its name, with the year. */
  readonly name: string;
}

/** One tenant: `id` is what `X-Tenant-Id` takes. */
export interface Tenant {
  /** What `X-Tenant-Id` takes. */
  readonly id: string;
  /** Its name. */
  readonly name: string;
  /** Its events. */
  readonly events: readonly TradeShow[];
}

/** Tenants and, by event id, the exhibitors of each event. */
export interface TradeShowData {
  readonly tenants: readonly Tenant[];
  readonly exhibitors: ReadonlyMap<string, readonly Exhibitor[]>;
}

const TENANTS = 2;
const EVENTS_PER_TENANT = 3;
const EXHIBITORS_PER_EVENT = 140;

/** 2 tenants × 3 events × 140 exhibitors; the same seed gives the same data, ids included. */
export function createTradeShows(seed: number): TradeShowData {
  const random = seededRandom(seed);
  const showNames = random.shuffle(SHOW_NAMES);
  const exhibitors = new Map<string, readonly Exhibitor[]>();
  const tenants = random
    .shuffle(TENANT_NAMES)
    .slice(0, TENANTS)
    .map((name) => ({
      id: random.uuid(),
      name,
      events: showNames.splice(0, EVENTS_PER_TENANT).map((show) => {
        const event = { id: random.uuid(), name: `${show} ${random.pick(SHOW_YEARS)}` };
        exhibitors.set(event.id, createExhibitors(random, event.id));
        return event;
      }),
    }));
  return { tenants, exhibitors };
}

function createExhibitors(random: SeededRandom, eventId: string): Exhibitor[] {
  const names = COMPANY_FIRST.flatMap((first) => COMPANY_SECOND.map((second) => `${first} ${second}`));
  return random
    .shuffle(names)
    .slice(0, EXHIBITORS_PER_EVENT)
    .map((name, index) => createExhibitor(random, eventId, name, index));
}

function createExhibitor(random: SeededRandom, eventId: string, name: string, index: number): Exhibitor {
  const contact = { first: random.pick(FIRST_NAMES), last: random.pick(LAST_NAMES) };
  const place = random.pick(PLACES);
  // .example is reserved (RFC 2606): mail and links lead nowhere.
  const domain = `${ascii(name)}.example`;
  const categories = random.shuffle(CATEGORIES).slice(0, 1 + random.integer(3));
  return {
    id: random.uuid(),
    eventId,
    companyName: `${name} ${random.pick(COMPANY_FORMS)}`,
    booth: `${100 * (1 + Math.floor(index / 20)) + (index % 20)}`,
    status: random.pick(STATUSES),
    contactName: `${contact.first} ${contact.last}`,
    contactEmail: `${ascii(contact.first)}.${ascii(contact.last)}@${domain}`,
    phone: `${place.phone} ${String(random.integer(10_000)).padStart(4, "0")}`,
    city: place.city,
    country: place.country,
    website: `https://www.${domain}`,
    categories,
    description: `${name}: ${categories.join(", ").toLowerCase()}, with ${random.pick(STRENGTHS)}.`,
  };
}

function ascii(text: string): string {
  return text
    .normalize("NFD")
    .replace(/[^A-Za-z ]/g, "")
    .replaceAll(" ", "-")
    .toLowerCase();
}
