import { flushCompileCache } from 'node:module';
import { resolveImportsFast } from '../../../../src/bootstrap/fast-imports.ts';

/**
 * Runs Keysmith as a process that can be killed: `node run-replica.ts DATABASE_FILE SLACK_API_URL CLOCK_AHEAD_MS`.
 * Prints its URL.
 */

const [, , databaseFile = '', apiUrl = '', clockAheadMs = '0'] = process.argv;
const now = () => Date.now() + Number(clockAheadMs);
resolveImportsFast();
const { startKeysmith } = await import('../../../../src/bootstrap/start-keysmith.ts');
const { replicaOptions } = await import('./replica-options.ts');
const keysmith = await startKeysmith(replicaOptions({ databaseFile, apiUrl, now }));
process.stdout.write(`${keysmith.url}\n`);
// The tests kill this process, and Node itself writes the cache at the exit.
flushCompileCache();
