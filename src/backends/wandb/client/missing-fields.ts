import { LRUCache } from 'lru-cache';
import type { Clock } from '../../../application/ports/clock.ts';
import { parseBoundedJson } from '../../../net/json-bounds.ts';
import { errorsOf, messageOf, pathOf } from './graphql-response.ts';

/** Returns whether a server has a field such as `Member.role`, as far as its answers have shown. */
export type HasField = (field: string) => boolean;

interface MissingFields {
  has: HasField;
  add(field: string): void;
}

/** How long a field counts as missing. An upgrade of the server may add it. */
const REMEMBERED_FOR_MS = 24 * 60 * 60 * 1000;
/** More fields than Keysmith's operations name. */
const MAX_FIELDS = 100;

/** Remembers for a day which fields a server lacks. Every other field counts as existing. */
export function createMissingFields({ monotonicMs }: Pick<Clock, 'monotonicMs'>): MissingFields {
  const missing = new LRUCache<string, true>({
    max: MAX_FIELDS,
    ttl: REMEMBERED_FOR_MS,
    ttlResolution: 0,
    perf: { now: monotonicMs },
  });
  return { has: (field) => !missing.has(field), add: (field) => void missing.set(field, true) };
}

/** What a server said when it refused a document as invalid, before executing any of it. */
export interface InvalidDocument {
  /** The fields that its schema lacks, as `Member.role`; the names come from the server. */
  unknownFields: string[];
}

const NAME = '["\']([_A-Za-z]\\w{0,100})["\']';
// Anchored, because a message that only quotes such text says nothing about the schema.
const UNKNOWN_FIELD = new RegExp(`^Cannot query field ${NAME} on type ${NAME}`);
const UNKNOWN_OTHER = new RegExp(`^Unknown (?:argument ${NAME} on field |type ${NAME})`);

/**
 * Reads which names of a document a server doesn't know (GraphQL specification, 5.3.1, 5.4.1 and 5.5.1.2, in the words of the
 * reference implementation). Returns undefined for every other response, and for errors of an execution, which have a path or data.
 */
export function readInvalidDocument(text: string): InvalidDocument | undefined {
  const parsed = parseBoundedJson(text);
  if (!parsed.ok || typeof parsed.value !== 'object' || parsed.value === null) return undefined;
  const { data = null, errors } = parsed.value as { data?: unknown; errors?: unknown };
  if (data !== null) return undefined;
  const all = errorsOf({ errors });
  if (all.some((error) => pathOf(error).length > 0)) return undefined;
  const messages = all.map((error) => messageOf(error) ?? '');
  const found = messages.map((message) => UNKNOWN_FIELD.exec(message)).filter((match) => match !== null);
  if (found.length === 0 && !messages.some((message) => UNKNOWN_OTHER.test(message))) return undefined;
  return { unknownFields: found.map(([, field, type]) => `${type}.${field}`) };
}
