import type { AuditStore } from '../../application/audit/audit-store.ts';
import { exitCode } from '../../bootstrap/exit-code.ts';
import { type AuditRecord, createChainVerifier } from '../../domain/audit/audit-event.ts';
import type { LoggedHead } from '../../domain/audit/logged-heads.ts';

const BATCH = 1_000;

/** Reads the whole record in parts, oldest first. */
export async function* allAuditRecords(
  store: Pick<AuditStore, 'auditRecordsAfter'>,
): AsyncGenerator<AuditRecord> {
  let sequence = 0;
  for (;;) {
    const records = await store.auditRecordsAfter(sequence, BATCH);
    yield* records;
    const last = records.at(-1);
    if (last === undefined || last.sequence <= sequence) return;
    sequence = last.sequence;
  }
}

interface Output {
  print(line: string): void;
  printError(line: string): void;
}

/** Checks the chain, and compares it with heads from the log. Prints what it found, and returns the exit code. */
export async function verifyAudit(
  {
    store,
    organizationId,
    auditKey,
  }: { store: Pick<AuditStore, 'auditRecordsAfter'>; organizationId: string; auditKey: Uint8Array },
  { heads, log }: { heads: readonly LoggedHead[]; log: string | undefined },
  { print, printError }: Output,
): Promise<number> {
  const verifier = createChainVerifier(organizationId, auditKey);
  const logged = Map.groupBy(heads, ({ sequence }) => sequence);
  let matching: LoggedHead | undefined;
  let differing: LoggedHead | undefined;
  let broken: ReturnType<typeof verifier.next>;
  for await (const record of allAuditRecords(store)) {
    broken = verifier.next(record);
    if (broken !== undefined) break;
    for (const head of logged.get(record.sequence) ?? []) {
      if (head.hash === record.hash) matching = head;
      else differing ??= head;
    }
  }
  const verdict = verifier.verdict();
  const lastLogged = heads.reduce((last, { sequence }) => Math.max(last, sequence), 0);
  const isShort = verdict.intact && lastLogged > verdict.records;
  if (!verdict.intact) printError(brokenText(verdict));
  else print(`The record is unbroken: ${verdict.records.toLocaleString('en')} events. Head: ${verdict.head}`);
  if (differing !== undefined) {
    printError(
      `Entry ${differing.sequence} isn’t the one that was logged${at(differing)}: the record was replaced from there, or from an earlier entry, by someone who has KEYSMITH_SECRET.`,
    );
  }
  if (isShort) {
    printError(
      `The newest entries are missing: the log has the head of entry ${lastLogged}, and the record ends at ${verdict.records}. They were removed, or an older copy of the database was restored.`,
    );
  }
  const say = verdict.intact && differing === undefined && !isShort ? print : printError;
  say(matchText(heads, matching, log));
  return say === print ? exitCode.success : exitCode.failure;
}

function brokenText({
  brokenAt,
  reason,
}: {
  brokenAt: number;
  reason: 'sequence' | 'previous_hash' | 'hash';
}): string {
  switch (reason) {
    case 'sequence':
      return `The record is broken at entry ${brokenAt}, which is missing. Earlier entries are unchanged.`;
    case 'previous_hash':
      return `The record is broken at entry ${brokenAt}, which doesn’t follow the entry before it. Earlier entries are unchanged.`;
    case 'hash':
      return `The record is broken at entry ${brokenAt}, which was changed, or written under another KEYSMITH_SECRET. Earlier entries are unchanged.`;
  }
}

/** @param log the file that was named; `-` for standard input */
function matchText(
  heads: readonly LoggedHead[],
  matching: LoggedHead | undefined,
  log: string | undefined,
): string {
  if (heads.length === 0) {
    const remedy =
      log === undefined
        ? 'compare with --log FILE'
        : `${log === '-' ? 'standard input' : `“${log}”`} contains no heads. Use a log of Keysmith at the level info`;
    return `Without logged heads, nobody can tell whether the newest entries were removed: ${remedy}.`;
  }
  if (matching === undefined) return `None of the ${heads.length} logged heads matches.`;
  return `The last logged head that matches is that of entry ${matching.sequence}${at(matching)}: everything up to there is as it was then.`;
}

function at({ time }: LoggedHead): string {
  return time === undefined ? '' : ` at ${time}`;
}
