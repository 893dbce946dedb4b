import type { KeysBeyondPolicy } from '../../application/teams/team-store.ts';
import { serverAddress } from '../../backends/wandb/client/wandb-client.ts';
import type { Config } from '../../config/configuration.ts';
import type { DatabaseInspection, FailingJobs } from '../../store/database/inspect-database.ts';
import { type DatabaseRefusal, DatabaseRefusedError } from '../../store/database/refusal.ts';
import { utcText } from '../table.ts';
import { type Finding, plainText } from './finding.ts';
import { serverAccountsFindings } from './server-accounts-finding.ts';

export type InspectDatabase = (
  file: string,
  mode: 'sandbox' | 'live',
  options?: { checksIntegrity: boolean },
) => Promise<DatabaseInspection>;

/** Inspects the database without changing it. Safe while Keysmith runs. */
export async function checkDatabase(config: Config, inspectDatabase: InspectDatabase): Promise<Finding[]> {
  const inspection = await inspectDatabase(config.databaseFile, config.kind);
  const finding = databaseFinding(inspection, config);
  if (finding.mark === 'problem' || !inspection.ok) return [finding];
  const { keysNotShownAtMs, failingJobs = [], problemAccounts, keysBeyondPolicy } = inspection;
  const hiddenKeys = keysNotShownAtMs === undefined ? [] : [hiddenKeysFinding(keysNotShownAtMs)];
  const accounts = problemAccounts === undefined ? [] : serverAccountsFindings(problemAccounts);
  const longer = keysBeyondPolicy === undefined ? [] : beyondPolicyFindings(keysBeyondPolicy);
  return [finding, ...hiddenKeys, ...accounts, ...longer, ...failingJobs.map(failingJobsFinding)];
}

/** A policy applies to new keys. */
function beyondPolicyFindings({ count, some }: KeysBeyondPolicy): Finding[] {
  if (count === 0) return [];
  const named = some.map(
    ({ keyId, name, teamName }) => `${plainText(keyId)} of ${plainText(name)} in ${plainText(teamName)}`,
  );
  const more = count > some.length ? [`and ${count - some.length} more`] : [];
  return [
    {
      mark: 'warning',
      subject: 'Policy, older keys',
      text: `${count === 1 ? '1 key lives' : `${count} keys live`} longer than the policy allows now: ${[...named, ...more].join(', ')}`,
      remedy:
        'A policy applies to new keys. Rotate these keys with "/wandb service-account rotate NAME"; "/wandb service-account list" marks their accounts.',
    },
  ];
}

function failingJobsFinding({ kind, count, givenUp, sinceMs, lastFailure }: FailingJobs): Finding {
  const name = plainText(kind);
  const failing = count - givenUp;
  const numbers = [
    ...(failing === 0 ? [] : [`${failing} ${failing === 1 ? 'keeps' : 'keep'} failing`]),
    ...(givenUp === 0 ? [] : [`${givenUp} ${givenUp === 1 ? 'was' : 'were'} given up`]),
  ];
  return {
    mark: 'warning',
    subject: `Jobs of the kind ${name}`,
    text: `${numbers.join(', ')}; first failure ${utcText(sinceMs)}, last failure: ${plainText(lastFailure ?? 'unknown')}`,
    remedy: `Fix the cause: see the other findings, and the log lines “job failed” and “job postponed”. "npm run keysmith -- jobs --kind ${name}" lists these jobs; "jobs run ID" runs one now.`,
  };
}

/** Reports that the server hid the key of the last account Keysmith created there. */
function hiddenKeysFinding(atMs: number): Finding {
  return {
    mark: 'warning',
    subject: 'W&B, new keys',
    text: `on ${new Date(atMs).toISOString().slice(0, 10)} the server didn’t return the key of a new account`,
    remedy:
      'Keysmith creates accounts without keys there. A team admin creates the key on the team’s page in W&B, which Keysmith links to.',
  };
}

function databaseFinding(inspection: DatabaseInspection, config: Config): Finding {
  if (!inspection.ok) return refused(inspection.message);
  const reason = refusalOf(inspection, config);
  if (reason !== undefined) return refused(new DatabaseRefusedError(reason, config.databaseFile).message);
  const { organizationName } = inspection;
  if (organizationName !== undefined && organizationName !== config.organizationName) {
    return {
      ...refused('belongs to a different organization than the settings name'),
      remedy: 'Set DATABASE_URL to another file, or fix the organization name.',
    };
  }
  const { backend } = inspection;
  if (backend !== undefined && backend !== (config.backend.kind === 'builtin' ? 'builtin' : 'wandb')) {
    const text = 'its accounts live in the other backend, not the one in the settings';
    const remedy =
      backend === 'wandb'
        ? 'Set WANDB_BASE_URL and WANDB_API_KEY again, with KEYSMITH_BACKEND=wandb, or set DATABASE_URL to another file.'
        : 'Set DATABASE_URL to another file, or set KEYSMITH_BACKEND=builtin.';
    return { ...refused(text), remedy };
  }
  if (isOtherServer(inspection, config)) {
    return {
      ...refused('its accounts live on a W&B server at another URL than WANDB_BASE_URL'),
      remedy: `Set WANDB_BASE_URL to ${inspection.backendAddress} again, or DATABASE_URL to another file. If the same server moved, set KEYSMITH_WANDB_MOVED_FROM to that URL for one start.`,
    };
  }
  switch (inspection.schema) {
    case 'none':
      return { mark: 'ok', subject: 'Database', text: 'none yet; the first start creates it' };
    case 'older':
      return {
        mark: 'warning',
        subject: 'Database',
        text: 'older than this version; the next start migrates it',
        remedy: 'Back up the database first.',
      };
    default:
      return { mark: 'ok', subject: 'Database', text: 'intact and writable' };
  }
}

function isOtherServer(
  { backendAddress }: Extract<DatabaseInspection, { ok: true }>,
  { backend }: Config,
): boolean {
  if (backend.kind !== 'wandb' || backendAddress === undefined) return false;
  const { baseUrl, movedFrom } = backend;
  return ![baseUrl, movedFrom].some((url) => url !== undefined && serverAddress(url) === backendAddress);
}

function refusalOf(
  { schema, mode, integrity, writable }: Extract<DatabaseInspection, { ok: true }>,
  { kind }: Config,
): DatabaseRefusal | undefined {
  if (schema === 'newer') return 'newer_than_code';
  if (mode !== undefined && mode !== kind) return 'other_mode';
  if (integrity !== 'ok') return 'damaged';
  return writable ? undefined : 'read_only';
}

function refused(text: string): Finding {
  return { mark: 'problem', subject: 'Database', text };
}
