import type { Config } from '../../config.ts';
import { type DatabaseRefusal, DatabaseRefusedError } from '../../store/database-refusal.ts';
import type { DatabaseInspection } from '../../store/inspect-database.ts';
import type { Finding } from './finding.ts';

export type InspectDatabase = (file: string, mode: 'sandbox' | 'live') => Promise<DatabaseInspection>;

/** Looks at the database without changing it, also while Keysmith runs. */
export async function checkDatabase(config: Config, inspectDatabase: InspectDatabase): Promise<Finding[]> {
  const inspection = await inspectDatabase(config.databaseFile, config.kind);
  return [databaseFinding(inspection, config)];
}

function databaseFinding(inspection: DatabaseInspection, config: Config): Finding {
  if (!inspection.ok) return refused(inspection.message);
  const reason = refusalOf(inspection, config);
  if (reason !== undefined) return refused(new DatabaseRefusedError(reason, config.databaseFile).message);
  const { organizationName } = inspection;
  if (organizationName !== undefined && organizationName !== config.organizationName) {
    return {
      ...refused('belongs to another organization than the settings name'),
      remedy: 'Set DATABASE_URL to another file, or put the name of the organization right.',
    };
  }
  switch (inspection.schema) {
    case 'none':
      return { mark: 'ok', subject: 'Database', text: 'none yet; the first start makes it' };
    case 'older':
      return {
        mark: 'warning',
        subject: 'Database',
        text: 'older than this version; the next start brings it up to date',
        remedy: 'Make a copy of the database before.',
      };
    default:
      return { mark: 'ok', subject: 'Database', text: 'opens, is whole and can be written' };
  }
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
