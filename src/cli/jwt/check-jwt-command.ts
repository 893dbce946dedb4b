import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { createIssuerKeys } from '../../application/authority/issuer-keys.ts';
import { type AssertionRules, examineJwt } from '../../application/authority/jwt/examine-jwt.ts';
import type { JwtReport, JwtState } from '../../application/authority/jwt/jwt-report.ts';
import type { Store } from '../../application/ports/store.ts';
import { exitCode } from '../../bootstrap/exit-code.ts';
import type { Config } from '../../config/configuration.ts';
import { createIssuerDocuments } from '../../net/issuer-documents.ts';
import { jwtLines, jwtVerdictText } from '../../slack/messages/jwt/jwt-report-text.ts';
import {
  databaseFailureText,
  openStore,
  printProblem,
  refuse,
  refuseSettings,
  type StoreCommandDependencies,
} from '../open-store.ts';

export const checkJwtUsage = `Usage: npm run keysmith -- check-jwt

  Reads a JWT from standard input and says for each part of it what was expected, what came and what to change.
  Never takes the JWT as an argument, which other users of this machine could see. Use an expired JWT if you can:
  everything else in it is checked. Nothing is stored or logged, and no single-use JWT is used up.

    npm run --silent keysmith -- check-jwt < jwt.txt

  Exits with 0 if Keysmith would accept the JWT, or a new one like it, and with 1 if not.
    --json     print one JSON object`;

export interface CheckJwtDependencies extends StoreCommandDependencies {
  /** Undefined if standard input is a terminal. */
  readInput(): Promise<string | undefined>;
  timeoutMs: number;
}

/** Runs `check-jwt` and returns its exit code, 64 if there are arguments. Never repeats an argument. */
export async function runCheckJwt(
  argv: readonly string[],
  dependencies: CheckJwtDependencies,
): Promise<number> {
  const { loadConfig, printError } = dependencies;
  const isJson = readFlag(argv);
  if (isJson === undefined) {
    printError(
      '"check-jwt" takes no arguments: send the JWT to standard input. If an argument was a valid JWT, treat it as leaked.',
    );
    printError(checkJwtUsage);
    return exitCode.usage;
  }
  const loaded = loadConfig();
  if (!loaded.ok) return printProblem(refuseSettings(loaded.problems), dependencies);
  const { config } = loaded;
  const unavailable = unavailableText(config);
  if (unavailable !== undefined) return printProblem(refuse(exitCode.failure, unavailable), dependencies);
  const text = await dependencies.readInput();
  if (text === undefined) {
    printError(
      'Nothing was checked: the terminal would show the JWT. Send it to standard input: check-jwt < jwt.txt',
    );
    return exitCode.usage;
  }
  const opened = await openStore(config, dependencies);
  if (!opened.ok) return printProblem(opened, dependencies);
  try {
    const report = await examineJwt(rulesOf(config, opened.store, dependencies), text, () => true);
    printReport(report, isJson, dependencies);
    return report.verdict === 'accepted' || report.verdict === 'accepted_if_fresh'
      ? exitCode.success
      : exitCode.failure;
  } catch (error) {
    const problem = databaseFailureText(error, config.databaseFile);
    if (problem === undefined) throw error;
    printError(problem);
    return exitCode.failure;
  } finally {
    await opened.close();
  }
}

function readFlag(argv: readonly string[]): boolean | undefined {
  try {
    return parseArgs({ args: [...argv], options: { json: { type: 'boolean' } } }).values.json === true;
  } catch {
    return undefined;
  }
}

function unavailableText({ backend, authority }: Config): string | undefined {
  if (backend.kind !== 'builtin') {
    return 'JWTs can’t be checked here: the W&B server verifies them itself, and doesn’t show Keysmith its issuers’ rules.';
  }
  return authority === undefined
    ? 'This Keysmith doesn’t accept JWTs: KEYSMITH_AUTHORITY is off.'
    : undefined;
}

/** Reads the last good keys from the database, and fetches newer ones without storing them. */
function rulesOf(config: Config, store: Store, { now, timeoutMs }: CheckJwtDependencies): AssertionRules {
  const { authority, organizationName, publicUrl = '' } = config;
  const noProxy = config.kind === 'live' ? config.noProxy : undefined;
  const documents = createIssuerDocuments({
    allowInsecure: authority?.allowsInsecureIssuers ?? false,
    noProxy,
    isLoopbackOnly: config.kind === 'sandbox',
    timeoutMs: timeoutMs / 2,
  });
  const keys = { issuerKeySet: store.issuerKeySet, saveIssuerKeySet: async () => {} };
  return {
    store,
    issuerKeys: createIssuerKeys({
      store: keys,
      documents,
      now,
      monotonicMs: () => performance.now(),
      logger: pino({ level: 'silent' }),
    }),
    ownIssuer: () => publicUrl,
    audiences: [organizationName, ...(authority?.audiences ?? [])],
    now,
  };
}

const STATES: Record<JwtState, string> = {
  ok: 'ok      ',
  wrong: 'WRONG   ',
  note: 'note    ',
  not_checked: 'unknown ',
};

function printReport(
  report: JwtReport,
  isJson: boolean,
  { print }: Pick<CheckJwtDependencies, 'print'>,
): void {
  const lines = jwtLines(report, 'of this Keysmith');
  if (isJson) {
    print(JSON.stringify({ verdict: report.verdict, parts: lines }, null, 2));
    return;
  }
  for (const { state, part, came, expected, change } of lines) {
    print(`${STATES[state]} ${part}: ${came}`);
    if (expected !== undefined) print(`          expected: ${expected}`);
    if (change !== undefined) print(`          ${change}`);
  }
  print(`\n${jwtVerdictText(report)}`);
}
