import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { parseArgs } from 'node:util';
import { exitCode } from '../../bootstrap/exit-code.ts';
import type { Config } from '../../config/configuration.ts';
import { AUDIT_HEAD_MESSAGE, type LoggedHead, readLoggedHead } from '../../domain/audit/logged-heads.ts';
import { deriveKey } from '../../domain/keys/sealed.ts';
import { nearestName } from '../../domain/nearest-name.ts';
import { type OpenedStore, type StoreCommandDependencies, withStore } from '../open-store.ts';
import { OCSF_VERSION, ocsfEvent } from './ocsf-event.ts';
import { allAuditRecords, verifyAudit } from './verify-audit.ts';

export const auditUsage = `Usage: npm run keysmith -- audit <command>

  The audit record. These commands only read, and work while Keysmith runs.

  verify     Check that no entry was changed, removed or added, and name the first one that was
               --log FILE   compare with the heads in a log of Keysmith; "-" reads it from standard input
  export     Print the record as lines of JSON in the form of OCSF ${OCSF_VERSION}, with the chain’s hashes, oldest first.
             Prints the head to standard error, for the log: npm run --silent keysmith -- audit export > audit.ndjson`;

const COMMANDS = ['verify', 'export'] as const;

export interface AuditDependencies extends StoreCommandDependencies {
  /** Standard input, for the log. */
  input?: Readable;
}

type AuditArguments = { command: 'verify'; log: string | undefined } | { command: 'export' };

/** Runs `audit …` and returns its exit code: 1 if the record is broken, 64 if the arguments are invalid. */
export async function runAudit(argv: readonly string[], dependencies: AuditDependencies): Promise<number> {
  const { printError } = dependencies;
  const parsed = parseArguments(argv);
  if ('problem' in parsed) {
    printError(parsed.problem);
    printError(auditUsage);
    return exitCode.usage;
  }
  const heads = parsed.command === 'verify' ? await readHeads(parsed.log, dependencies) : [];
  if (heads === undefined) {
    printError('Nothing was checked: the log can’t be read.');
    return exitCode.failure;
  }
  return withStore(dependencies, (opened, config) =>
    parsed.command === 'verify'
      ? verify(opened, config, { heads, log: parsed.log }, dependencies)
      : exportRecords(opened, config, dependencies),
  );
}

function verify(
  { store }: OpenedStore,
  { secret }: Config,
  logged: { heads: readonly LoggedHead[]; log: string | undefined },
  output: AuditDependencies,
): Promise<number> {
  const auditKey = deriveKey(secret?.reveal() ?? new Uint8Array(), 'audit');
  return verifyAudit({ store, organizationId: store.organizationId, auditKey }, logged, output);
}

async function exportRecords(
  { store }: OpenedStore,
  { organizationName: name }: Config,
  { print, printError, now }: AuditDependencies,
): Promise<number> {
  const organization = { id: store.organizationId, name };
  let sequence = 0;
  let head = '';
  for await (const record of allAuditRecords(store)) {
    print(JSON.stringify(ocsfEvent(record, organization)));
    ({ sequence, hash: head } = record);
  }
  const time = new Date(now()).toISOString();
  printError(JSON.stringify({ level: 'info', time, sequence, head, msg: AUDIT_HEAD_MESSAGE }));
  return exitCode.success;
}

/** Reads a log line by line. Undefined if its file can't be read. */
async function readHeads(
  log: string | undefined,
  { input }: AuditDependencies,
): Promise<LoggedHead[] | undefined> {
  if (log === undefined) return [];
  const heads: LoggedHead[] = [];
  try {
    const from = log === '-' ? input : createReadStream(log);
    if (from === undefined) return undefined;
    const lines = createInterface({ input: from });
    for await (const line of lines) {
      const head = readLoggedHead(line);
      if (head !== undefined) heads.push(head);
    }
    return heads;
  } catch {
    return undefined;
  }
}

function parseArguments(argv: readonly string[]): AuditArguments | { problem: string } {
  const [word = '', ...args] = argv;
  const command = COMMANDS.find((name) => name === word);
  if (command === undefined) {
    const nearest = nearestName(word, COMMANDS);
    const hint = nearest === undefined ? '' : ` Did you mean "audit ${nearest}"?`;
    return { problem: word === '' ? 'Missing command.' : `Unknown command.${hint}` };
  }
  try {
    if (command === 'verify') {
      return { command, log: parseArgs({ args, options: { log: { type: 'string' } } }).values.log };
    }
    parseArgs({ args, options: {} });
    return { command };
  } catch {
    return { problem: `Unknown options for "audit ${command}".` };
  }
}
