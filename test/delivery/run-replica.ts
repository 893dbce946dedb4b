/** Keysmith as a process that can be killed: `node run-replica.ts DATABASE_FILE SLACK_API_URL CLOCK_AHEAD_MS`. Prints where it listens. */
import { startKeysmith } from '../../src/start-keysmith.ts';
import { replicaOptions } from './replica-options.ts';

const [, , databaseFile = '', apiUrl = '', clockAheadMs = '0'] = process.argv;
const now = () => Date.now() + Number(clockAheadMs);
const keysmith = await startKeysmith(replicaOptions({ databaseFile, apiUrl, now }));
process.stdout.write(`${keysmith.url}\n`);
