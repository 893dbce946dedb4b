import Database from 'better-sqlite3';
import type { RunningWorkspace } from '../world/running-workspace.ts';

/** Every row of every table, but the audit record: what an effect would have changed. */
export function effects({ databaseFile }: RunningWorkspace): Record<string, unknown[]> {
  const database = new Database(databaseFile, { readonly: true });
  try {
    const tables = database
      .prepare<[], { name: string }>(
        "select name from sqlite_schema where type = 'table' and name not in ('audit_events', '__drizzle_migrations') order by name",
      )
      .all();
    return Object.fromEntries(
      tables.map(({ name }) => [name, database.prepare(`select * from "${name}" order by 1, 2, 3`).all()]),
    );
  } finally {
    database.close();
  }
}

/** The audit record alone, without verifying it each time. */
export function auditCount(workspace: RunningWorkspace): number {
  return workspace.rows<{ count: number }>('select count(*) as count from audit_events')[0]?.count ?? 0;
}

export interface LogLine {
  level: number;
  msg: string;
  requestId?: string;
  reason?: string;
  status?: number;
  [field: string]: unknown;
}

export function logLines(workspace: RunningWorkspace): LogLine[] {
  return workspace
    .logs()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as LogLine);
}

/** Resolves as soon as `find` gives something; for what nobody announces (a log line, a row). */
export async function until<Found>(
  description: string,
  find: () => Found | undefined | false,
): Promise<Found> {
  const endMs = Date.now() + 10_000;
  for (;;) {
    const found = find();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > endMs) throw new Error(`Waited for ${description}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
