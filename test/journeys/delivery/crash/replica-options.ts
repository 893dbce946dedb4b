import type { KeysmithOptions } from '../../../../src/bootstrap/keysmith-options.ts';
import { Secret } from '../../../../src/domain/keys/secret.ts';
import { createLogger } from '../../../../src/log/create-logger.ts';
import { acmeTeams } from '../../../world/acme-teams.ts';
import { BOT_TOKEN, SIGNING_SECRET } from '../../../world/running-workspace.ts';

/** Returns the options for a second Keysmith that serves the same workspace from the same database. */
export function replicaOptions(shared: {
  databaseFile: string;
  apiUrl: string;
  now: () => number;
}): KeysmithOptions {
  const { organization, issuers, teams } = acmeTeams();
  return {
    mode: 'live',
    backend: { kind: 'builtin' },
    http: { host: '127.0.0.1', port: 0 },
    databaseFile: shared.databaseFile,
    // The same secret as in running-workspace.ts.
    secret: new Secret(new Uint8Array(32).fill(7)),
    publicUrl: 'https://keysmith.acme.test',
    organization: { name: 'acme', admins: organization.admins, issuers, teams },
    slack: {
      transport: 'http',
      botToken: new Secret(BOT_TOKEN),
      signingSecret: new Secret(SIGNING_SECRET),
      apiUrl: shared.apiUrl,
    },
    noProxy: undefined,
    logger: createLogger({ level: 'warn', secrets: [], destination: { write: () => {} } }),
    now: shared.now,
  };
}
