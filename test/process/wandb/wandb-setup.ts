import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { LocalWandb } from '../../../src/sandbox/wandb/local-wandb.ts';
import type { DrivenSlack } from '../../driver/driven-slack.ts';
import { type LiveSetup, liveSetup, startSlack } from '../live-setup.ts';
import { type MainProcess, startMain } from '../main-process.ts';

/** Settings of a workspace whose backend is that server. */
export function wandbSetup(slack: DrivenSlack, wandb: Pick<LocalWandb, 'baseUrl' | 'apiKey'>): LiveSetup {
  const setup = liveSetup(slack.apiUrl);
  const { KEYSMITH_TEAMS_FILE: _, PUBLIC_URL: __, ...settings } = setup.settings;
  return {
    ...setup,
    settings: {
      ...settings,
      KEYSMITH_ORGANIZATION: 'acme',
      WANDB_BASE_URL: wandb.baseUrl,
      WANDB_API_KEY: wandb.apiKey,
      LOG_LEVEL: 'trace',
    },
  };
}

export async function slackUntilEnd(): Promise<DrivenSlack> {
  const slack = await startSlack();
  onTestFinished(() => slack.stop());
  return slack;
}

/** Writes a certificate beside the settings; its path. */
export function writeCertificate({ cwd }: LiveSetup, cert: string): string {
  const path = join(cwd, 'ca.pem');
  writeFileSync(path, cert);
  return path;
}

/** Starts the process and lets Slack send its requests there. */
export async function serve(slack: DrivenSlack, setup: LiveSetup): Promise<MainProcess> {
  const main = startMain(setup.cwd, setup.settings);
  await main.waitForOutput('"msg":"Keysmith serves"');
  const { url } = main.lines().find(({ msg }) => msg === 'Keysmith serves') ?? {};
  slack.sendRequestsTo(`${url}/slack/events`);
  return main;
}
