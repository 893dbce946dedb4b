import { randomBytes } from 'node:crypto';
import { runDoctor } from '../../src/cli/doctor/doctor.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { botScopes } from '../../src/slack/manifest.ts';
import { settingsFolder, wandbEnv } from '../config/settings-folder.ts';

const json = (body: object) =>
  new Response(JSON.stringify(body), { headers: { 'x-oauth-scopes': botScopes.join(',') } });

const healthySlack = json({ ok: true, team: 'Acme', user: 'keysmith', bot_id: 'B1' });

interface DoctorRun {
  timeoutMs?: number;
  fetch?: typeof fetch;
  /** What the inspection of the healthy database returns in addition. */
  database?: { backend?: 'builtin' | 'wandb'; backendAddress?: string; keysNotShownAtMs?: number };
}

/** Runs the doctor with this server as the backend, and returns its report. Throws if that contains the API key. */
export async function doctorOf(
  settings: Record<'WANDB_BASE_URL' | 'WANDB_API_KEY', string> &
    Partial<Record<'KEYSMITH_ORGANIZATION' | 'KEYSMITH_WANDB_AUDIT_LOG', string>>,
  { timeoutMs = 5000, fetch: outboundFetch = fetch, database = {} }: DoctorRun = {},
): Promise<{ code: number; report: string }> {
  const cwd = settingsFolder();
  const lines: string[] = [];
  const code = await runDoctor({
    loadConfig: () => loadConfig({ env: { ...wandbEnv, ...settings }, cwd }),
    cwd,
    print: (line) => lines.push(line),
    fetch: (input, init) =>
      String(input).startsWith('https://slack.com/')
        ? Promise.resolve(healthySlack.clone())
        : outboundFetch(input, init),
    inspectDatabase: async () => ({
      ok: true,
      exists: true,
      schema: 'current',
      mode: undefined,
      integrity: 'ok',
      writable: true,
      organizationName: undefined,
      ...database,
    }),
    now: Date.now,
    openStores: () => Promise.reject(new Error('Nothing of a gateway is read.')),
    randomBytes,
    nodeVersion: '24.21.0',
    timeoutMs,
  });
  const report = lines.join('\n');
  const { WANDB_API_KEY: key } = settings;
  const forms = [key, Buffer.from(`api:${key}`).toString('base64')];
  if (forms.some((form) => report.includes(form))) throw new Error('The report contains the API key.');
  return { code, report };
}
