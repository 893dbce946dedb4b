import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

export const validSecret = Buffer.from(Array.from({ length: 32 }, (_, index) => index * 7)).toString(
  'base64',
);

export const teamsText = `organization: { name: acme, admins: [cy@acme.test] }
teams:
  - name: ml-platform
    members:
      - { email: ada@acme.test, role: admin }
`;

/** Creates a working directory with these files, which is removed after the test. */
export function settingsFolder(files: Record<string, string> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'keysmith-settings-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

/** Complete settings of a workspace over HTTP, for a folder with a `teams.yml`. */
export const liveEnv = {
  SLACK_BOT_TOKEN: 'xoxb-1-2-abc',
  SLACK_SIGNING_SECRET: '0123456789abcdef0123456789abcdef',
  PUBLIC_URL: 'https://keysmith.example.com',
  KEYSMITH_SECRET: validSecret,
  KEYSMITH_TEAMS_FILE: 'teams.yml',
};

export const wandbApiKey = 'local-0123456789abcdef0123456789abcdef01234567';

/** Complete settings of a workspace with a W&B server as the backend. */
export const wandbEnv = {
  SLACK_BOT_TOKEN: liveEnv.SLACK_BOT_TOKEN,
  SLACK_SIGNING_SECRET: liveEnv.SLACK_SIGNING_SECRET,
  KEYSMITH_SECRET: validSecret,
  KEYSMITH_ORGANIZATION: 'acme',
  WANDB_BASE_URL: 'https://wandb.example.com',
  WANDB_API_KEY: wandbApiKey,
};
