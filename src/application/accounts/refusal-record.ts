import type { AuditDetail, AuditEvent } from '../../domain/audit/audit-event.ts';
import { withoutCredentials } from '../../domain/keys/pasted-credential.ts';
import type { Ports } from '../ports/account-ports.ts';
import type { RefusalRecord, RefusedAttempt } from '../ports/refusals.ts';
import { StoreUnavailableError } from '../ports/store.ts';

/** How long the repetitions of a refusal are counted before their number is written. */
const WINDOW_MS = 10 * 60_000;
/** Repetitions of one caller with a line of their own in a window, which the references in their messages lead to. */
const MAX_LOGGED = 50;
/** The most callers in memory. Beyond it, the counts of the oldest are written early. */
const MAX_CALLERS = 1_000;

/** The most different targets that an event about repetitions names. */
const MAX_TARGETS = 10;

/** The refusals of one caller with one action and reason. What the caller typed doesn't make a kind, so there are few kinds. */
interface RefusalKind {
  first: RefusedAttempt;
  firstAtMs: number;
  /** Undefined when the refusals had different ones. */
  subject: string | undefined;
  isFirstWritten: boolean;
  /** Refusals that no event counts yet. */
  unwritten: number;
  /** What the repetitions were aimed at, other than the first refusal's target. */
  targets: Set<string>;
}

interface Caller {
  /** By action and reason. */
  kinds: Map<string, RefusalKind>;
  /** Lines about repetitions. */
  logged: number;
  /** On the monotonic clock. */
  endsAtMs: number;
}

interface RefusalPorts extends Pick<Ports, 'store' | 'organization' | 'now' | 'monotonicMs' | 'logger'> {
  windowMs?: number | undefined;
}

/** Creates a record that counts in memory: counts that weren't written yet are lost when the process is killed. */
export function createRefusalRecord(ports: RefusalPorts): RefusalRecord {
  const { monotonicMs, logger, windowMs = WINDOW_MS } = ports;
  /** Oldest first. */
  const callers = new Map<string, Caller>();
  const writes = new Set<Promise<unknown>>();
  const track = (write: Promise<unknown>) => {
    writes.add(write);
    void write.finally(() => writes.delete(write));
  };
  const isOver = ({ endsAtMs }: Caller) => monotonicMs() >= endsAtMs;
  const callerOf = (slackUserId: string): Caller => {
    const known = callers.get(slackUserId);
    if (known !== undefined && !(isOver(known) && isWritten(known))) return known;
    callers.delete(slackUserId);
    const [oldest] = callers;
    if (oldest !== undefined && callers.size >= MAX_CALLERS) {
      callers.delete(oldest[0]);
      track(writeLast(ports, oldest));
    }
    const caller: Caller = { kinds: new Map(), logged: 0, endsAtMs: monotonicMs() + windowMs };
    callers.set(slackUserId, caller);
    return caller;
  };
  const flush = async (isLast: boolean) => {
    for (const [slackUserId, caller] of callers) {
      const isEnding = isLast || isOver(caller);
      const due = [...caller.kinds.values()].filter((kind) => isEnding || !kind.isFirstWritten);
      // The others would fail the same way, and are tried again with the next flush.
      if (!(await writeAll(ports, due))) return;
      // Others may have arrived during the writes.
      if (isEnding && isWritten(caller) && callers.get(slackUserId) === caller) callers.delete(slackUserId);
    }
  };
  return {
    note(attempt) {
      const first = withoutPastedCredentials(attempt);
      const { slackUserId, action, reason, person, details, subject } = first;
      const caller = callerOf(slackUserId);
      const { kinds } = caller;
      const line = { slackUserId, action, reason, ...details };
      const id = `${action} ${reason} ${person === undefined}`;
      const kind = kinds.get(id);
      if (kind !== undefined) {
        kind.unwritten += 1;
        if (kind.subject !== subject) kind.subject = undefined;
        addTarget(kind, first);
        caller.logged += 1;
        logger[caller.logged <= MAX_LOGGED ? 'info' : 'debug'](line, 'refused again');
        return;
      }
      const added: RefusalKind = {
        first,
        firstAtMs: ports.now(),
        subject,
        isFirstWritten: false,
        unwritten: 1,
        targets: new Set(),
      };
      kinds.set(id, added);
      logger.warn(line, person === undefined ? 'refused, not recorded' : 'refused');
      track(writeKind(ports, added));
    },
    flush: () => flush(false),
    async stop() {
      await Promise.allSettled(writes);
      await flush(true);
    },
  };
}

function addTarget({ first, targets }: RefusalKind, attempt: RefusedAttempt): void {
  const target = targetOf(attempt);
  if (target !== undefined && target !== targetOf(first) && targets.size < MAX_TARGETS) targets.add(target);
}

function targetOf({ subject, details: { team } }: RefusedAttempt): string | undefined {
  return subject ?? (typeof team === 'string' ? `team:${team}` : undefined);
}

/** Removes credentials, because people type or forge these values, and the audit record is kept forever. */
function withoutPastedCredentials({ details, subject, ...attempt }: RefusedAttempt): RefusedAttempt {
  const clean = Object.entries(details).map(([name, value]): [string, AuditDetail] => [
    name,
    cleanDetail(value),
  ]);
  return {
    ...attempt,
    details: Object.fromEntries(clean),
    subject: subject === undefined ? undefined : withoutCredentials(subject),
  };
}

function cleanDetail(value: AuditDetail): AuditDetail {
  if (typeof value === 'string') return withoutCredentials(value);
  return Array.isArray(value) ? value.map(withoutCredentials) : value;
}

function isWritten({ kinds }: Caller): boolean {
  return kinds.values().every(({ unwritten }) => unwritten === 0);
}

/** Returns whether nothing is left to write. */
async function writeAll(ports: RefusalPorts, kinds: Iterable<RefusalKind>): Promise<boolean> {
  for (const kind of kinds) {
    if (!(await writeKind(ports, kind))) return false;
  }
  return true;
}

async function writeLast(ports: RefusalPorts, [slackUserId, { kinds }]: [string, Caller]): Promise<void> {
  if (await writeAll(ports, kinds.values())) return;
  // The database can't be written, and more callers don't fit into memory.
  ports.logger.error({ slackUserId }, 'refusals lost');
}

async function writeKind(ports: RefusalPorts, kind: RefusalKind): Promise<boolean> {
  const { first, unwritten, isFirstWritten } = kind;
  if (unwritten === 0) return true;
  const { slackUserId, action, reason } = first;
  const line = { slackUserId, action, reason, repeated: isFirstWritten ? unwritten : unwritten - 1 };
  const event = eventOf(ports, kind, line.repeated);
  const { targets } = kind;
  // Counted from here on again: refusals that arrive during the write belong to the next event.
  Object.assign(kind, { unwritten: 0, isFirstWritten: true, targets: new Set() });
  try {
    if (event !== undefined) await ports.store.appendAuditEvent(event);
  } catch (error) {
    if (error instanceof StoreUnavailableError) {
      const all = [...targets, ...kind.targets].slice(0, MAX_TARGETS);
      Object.assign(kind, { unwritten: kind.unwritten + unwritten, isFirstWritten, targets: new Set(all) });
      ports.logger.error({ err: error, ...line }, 'refusal not recorded, retrying later');
      return false;
    }
    ports.logger.error({ err: error, ...line }, 'refusal not recorded');
  }
  if (line.repeated > 0) ports.logger.warn(line, 'refused repeatedly');
  return true;
}

/** Returns undefined for a caller who couldn't be identified. */
function eventOf(ports: RefusalPorts, kind: RefusalKind, repeated: number): AuditEvent | undefined {
  const { first, firstAtMs, isFirstWritten } = kind;
  const targets = kind.targets.size > 0 && { targets: [...kind.targets] };
  const { person, action, reason, details, requestId, slackUserId } = first;
  if (person === undefined) return undefined;
  const event = {
    actor: { type: 'person', slackUserId, email: person.email },
    action,
    subject: kind.subject ?? `organization:${ports.organization.name}`,
  } as const;
  return isFirstWritten
    ? {
        ...event,
        atMs: ports.now(),
        details: { reason, repeated, since_ms: firstAtMs, ...targets },
        requestId: null,
      }
    : {
        ...event,
        atMs: firstAtMs,
        details: { reason, ...details, ...(repeated > 0 && { repeated }), ...targets },
        requestId,
      };
}
