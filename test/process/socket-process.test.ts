import { expect, onTestFinished, test } from 'vitest';
import { liveSetup, startSlack } from './live-setup.ts';
import { fatalLine, startMain } from './main-process.ts';

test('Keysmith in Socket Mode exits with 78 and says what to do when Slack rejects its token while it runs', async () => {
  const slack = await startSlack();
  onTestFinished(() => slack.stop());
  const { cwd, settings } = liveSetup(slack.apiUrl);
  const { SLACK_SIGNING_SECRET: _, ...others } = settings;
  const main = startMain(cwd, { ...others, SLACK_APP_TOKEN: 'xapp-1-A1111-process-test-app-token' });
  await main.waitForOutput('"msg":"Keysmith started"');

  slack.failures.set('apps.connections.open', { kind: 'error', error: 'token_revoked' });
  slack.disconnectSockets('link_disabled');

  expect(await main.ended).toMatchObject({ code: 78 });
  expect(fatalLine(main)).toBe(
    "Slack rejected SLACK_APP_TOKEN (token_revoked). Copy the app-level token from the app's page again. Then restart Keysmith.",
  );
  expect(main.output()).toContain('"msg":"shutdown complete"');
});
