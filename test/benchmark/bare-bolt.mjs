import { enableCompileCache } from 'node:module';

enableCompileCache();
process.on('SIGTERM', () => process.exit(0));
// What every Bolt app does: load Bolt, create the app, listen.
const { App } = await import('@slack/bolt');
const { SLACK_BOT_TOKEN, SLACK_SIGNING_SECRET, SLACK_API_URL } = process.env;
const app = new App({
  token: SLACK_BOT_TOKEN ?? '',
  signingSecret: SLACK_SIGNING_SECRET ?? '',
  clientOptions: { slackApiUrl: SLACK_API_URL ?? '' },
});
await app.start(0);
process.stdout.write('Bolt started\n');
