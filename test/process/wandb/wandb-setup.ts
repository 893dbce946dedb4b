import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { DrivenSlack } from '../../driver/driven-slack.ts';
import type { DrivenWandb } from '../../driver/driven-wandb.ts';
import { type LiveSetup, liveSetup, startSlack } from '../live-setup.ts';
import { type MainProcess, startMain } from '../main-process.ts';

/** Returns the settings of a workspace with that server as its backend. */
export function wandbSetup(slack: DrivenSlack, wandb: Pick<DrivenWandb, 'baseUrl' | 'apiKey'>): LiveSetup {
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

export async function startSlackForTest(now = Date.now): Promise<DrivenSlack> {
  const slack = await startSlack(0, now);
  onTestFinished(() => slack.stop());
  return slack;
}

/** Writes a certificate into the working directory and returns its path. */
export function writeCertificate({ cwd }: LiveSetup, cert: string): string {
  const path = join(cwd, 'ca.pem');
  writeFileSync(path, cert);
  return path;
}

/** Starts the process and points the local Slack at it. */
export async function startKeysmithProcess(slack: DrivenSlack, setup: LiveSetup): Promise<MainProcess> {
  const main = startMain(setup.cwd, setup.settings);
  await main.waitForOutput('"msg":"Keysmith started"');
  const { url } = main.lines().find(({ msg }) => msg === 'Keysmith started') ?? {};
  slack.sendRequestsTo(`${url}/slack/events`);
  return main;
}
