import type { EndedCredential } from '../authority/verify-credential.ts';
import type { Clock } from '../ports/clock.ts';
import type { RunsOfAccounts, WrittenRun } from '../ports/gateway.ts';

/** The credential with which a run was written. */
export interface Writer {
  accountId: string;
  /** Undefined for an access token. */
  keyId: string | undefined;
}

/**
 * Which runs each account writes, so that the gateway can stop a run whose credential was revoked or expired. In memory: after a
 * restart, a run can be stopped once it has written again.
 */
export interface WritingRuns extends RunsOfAccounts {
  /**
   * Call it when the W&B server has accepted data of a run. Returns whether the account isn't known to have written the run: it
   * wrote it for the first time, or again after it was dropped.
   */
  wrote(writer: Writer, run: WrittenRun): boolean;
  /** Call it when the W&B server has accepted that a run is complete: there is nothing to stop until it writes again. */
  finished(writer: Writer, run: WrittenRun): void;
  /**
   * Returns whether Keysmith responds that the run was stopped, instead of 401: the run of its account wrote in the 10 minutes
   * before the credential ended, and that is at most 10 minutes ago. Never for a run of another account.
   */
  shouldStop(ended: Ended, run: WrittenRun): boolean;
  /** Returns whether there is any run for which {@link shouldStop} is true. */
  shouldStopAny(ended: Ended): boolean;
}

type Ended = Pick<EndedCredential, 'accountId' | 'keyId' | 'endedAtMs'>;

export interface WritingRunsOptions extends Clock {
  /** Bounds the memory. Beyond it, the run that hasn't written for the longest time is dropped. */
  maxRuns?: number;
  /** So that one account can't drop the runs of all others. Beyond it, its own run is dropped. */
  maxRunsOfAccount?: number;
}

const WINDOW_MS = 10 * 60_000;
/** A run wrote up to {@link WINDOW_MS} before its credential ended, and is stopped for {@link WINDOW_MS} afterwards. */
const KEEP_MS = 2 * WINDOW_MS;
const MAX_RUNS = 10_000;
const MAX_RUNS_OF_ACCOUNT = 1_000;
/** Longer names aren't kept. W&B allows 128 characters for a run ID and a project. */
const MAX_NAME_LENGTH = 512;

interface Entry {
  writer: Writer;
  run: WrittenRun;
  name: string;
  wroteAtMs: number;
}

/** Both collections have the entry that hasn't written for the longest time first. */
interface Entries {
  all: Set<Entry>;
  ofAccounts: Map<string, Map<string, Entry>>;
}

export function createWritingRuns(options: WritingRunsOptions): WritingRuns {
  const { now, monotonicMs, maxRuns = MAX_RUNS, maxRunsOfAccount = MAX_RUNS_OF_ACCOUNT } = options;
  const entries: Entries = { all: new Set(), ofAccounts: new Map() };
  const shouldStopEntry = (ended: Ended, entry: Entry) =>
    isStopped({
      endedAgoMs: now() - ended.endedAtMs,
      wroteAgoMs: monotonicMs() - entry.wroteAtMs,
      isLastWriter: entry.writer.keyId === ended.keyId,
    });
  return {
    wrote(writer, run) {
      const name = nameOf(run);
      if (name.length > MAX_NAME_LENGTH) return false;
      const known = entries.ofAccounts.get(writer.accountId)?.get(name);
      if (known !== undefined) drop(entries, known);
      const wroteAtMs = monotonicMs();
      add(entries, { writer, run, name, wroteAtMs });
      const ofAccount = entries.ofAccounts.get(writer.accountId);
      if (ofAccount !== undefined && ofAccount.size > maxRunsOfAccount)
        dropFirst(entries, ofAccount.values());
      if (entries.all.size > maxRuns) dropFirst(entries, entries.all.values());
      for (const entry of entries.all) {
        if (wroteAtMs - entry.wroteAtMs <= KEEP_MS) break;
        drop(entries, entry);
      }
      return known === undefined;
    },
    finished({ accountId }, run) {
      const entry = entries.ofAccounts.get(accountId)?.get(nameOf(run));
      if (entry !== undefined) drop(entries, entry);
    },
    shouldStop(ended, run) {
      const entry = entries.ofAccounts.get(ended.accountId)?.get(nameOf(run));
      return entry !== undefined && shouldStopEntry(ended, entry);
    },
    shouldStopAny(ended) {
      const ofAccount = [...(entries.ofAccounts.get(ended.accountId)?.values() ?? [])];
      return ofAccount.some((entry) => shouldStopEntry(ended, entry));
    },
    ofAccount(accountId, keyId) {
      const sinceMs = monotonicMs() - WINDOW_MS;
      return [...(entries.ofAccounts.get(accountId)?.values() ?? [])]
        .filter(({ wroteAtMs, writer }) => wroteAtMs >= sinceMs && (keyId ?? writer.keyId) === writer.keyId)
        .map(({ run }) => run)
        .reverse();
    },
  };
}

/**
 * When the credential ended is a time of the system clock, which may have been set since. A credential that ended writes nothing
 * anymore, so its end is never longer ago than its last write, whose age is on the monotonic clock.
 */
function isStopped({
  endedAgoMs,
  wroteAgoMs,
  isLastWriter,
}: {
  endedAgoMs: number;
  wroteAgoMs: number;
  isLastWriter: boolean;
}): boolean {
  const agoMs = Math.max(0, isLastWriter ? Math.min(endedAgoMs, wroteAgoMs) : endedAgoMs);
  return agoMs <= WINDOW_MS && wroteAgoMs - agoMs <= WINDOW_MS;
}

/** Unambiguous whatever a client put into the path. */
function nameOf({ entity, project, runId }: WrittenRun): string {
  return JSON.stringify([entity, project, runId]);
}

function add({ all, ofAccounts }: Entries, entry: Entry): void {
  const { accountId } = entry.writer;
  const ofAccount = ofAccounts.get(accountId) ?? new Map<string, Entry>();
  ofAccounts.set(accountId, ofAccount.set(entry.name, entry));
  all.add(entry);
}

function drop({ all, ofAccounts }: Entries, entry: Entry): void {
  const { accountId } = entry.writer;
  all.delete(entry);
  const ofAccount = ofAccounts.get(accountId);
  ofAccount?.delete(entry.name);
  if (ofAccount?.size === 0) ofAccounts.delete(accountId);
}

function dropFirst(entries: Entries, oldestFirst: Iterator<Entry>): void {
  const { value } = oldestFirst.next();
  if (value !== undefined) drop(entries, value);
}
