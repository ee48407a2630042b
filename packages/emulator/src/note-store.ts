import { randomUUID } from "node:crypto";
import type { Clock } from "./clock.ts";
import { isRecord } from "./invalid-argument.ts";

/** A remark about an event. */
interface Note {
  readonly id: string;
  readonly eventId: string;
  readonly text: string;
  /** ISO 8601, by the emulator's clock; so is `updatedAt`. */
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** Notes in memory; event ids belong to one tenant each, so tenants never share any. */
export interface NoteStore {
  list(eventId: string): Note[];
  find(eventId: string, noteId: string): Note | undefined;
  /** Undefined when the event has no room for more. */
  add(eventId: string, text: string): Note | undefined;
  /** Undefined when there is no such note. */
  replace(eventId: string, noteId: string, text: string): Note | undefined;
  remove(eventId: string, noteId: string): boolean;
}

const MOST_NOTES = 10_000;
const LONGEST_TEXT = 2_000;

export function createNoteStore(clock: Clock): NoteStore {
  const byEvent = new Map<string, Map<string, Note>>();
  const notesOf = (eventId: string) => byEvent.get(eventId) ?? new Map<string, Note>();
  const now = () => new Date(clock.now()).toISOString();
  return {
    list: (eventId) => [...notesOf(eventId).values()],
    find: (eventId, noteId) => notesOf(eventId).get(noteId),
    add(eventId, text) {
      const notes = notesOf(eventId);
      if (notes.size >= MOST_NOTES) return undefined;
      const createdAt = now();
      const note = { id: randomUUID(), eventId, text, createdAt, updatedAt: createdAt };
      byEvent.set(eventId, notes.set(note.id, note));
      return note;
    },
    replace(eventId, noteId, text) {
      const notes = notesOf(eventId);
      const earlier = notes.get(noteId);
      if (earlier === undefined) return undefined;
      const note = { ...earlier, text, updatedAt: now() };
      notes.set(noteId, note);
      return note;
    },
    remove: (eventId, noteId) => notesOf(eventId).delete(noteId),
  };
}

/** The text of a note sent as JSON: `{ "text": "1 to 2,000 characters" }`; undefined for anything else. */
export function noteText(json: string): string | undefined {
  let body: unknown;
  try {
    body = JSON.parse(json);
  } catch {
    return undefined;
  }
  if (!isRecord(body) || Object.keys(body).length !== 1) return undefined;
  const { text } = body as { text?: unknown };
  return typeof text === "string" && text !== "" && text.length <= LONGEST_TEXT ? text : undefined;
}
