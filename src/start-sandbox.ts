import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import { appManifest, botScopes } from './cli/manifest.ts';
import { createSandboxSecret } from './config/sandbox-secret.ts';
import type { SandboxConfig } from './config.ts';
import { Secret } from './domain/secret.ts';
import { startLocalSlack } from './sandbox/local-slack.ts';
import { SLACK_EVENTS_PATH } from './slack/slack-app.ts';
import { startKeysmith } from './start-keysmith.ts';

/** Keysmith against a local Slack in the browser, both on this machine alone. Real Bolt, real signed HTTP. */
export async function startSandbox(
  config: SandboxConfig,
  logger: Logger,
): Promise<{ url: string; stop(): Promise<void> }> {
  const botToken = new Secret(`xoxb-sandbox-${randomBytes(12).toString('hex')}`);
  const signingSecret = new Secret(randomBytes(16).toString('hex'));
  const manifest = appManifest({
    transport: 'http',
    baseUrl: config.publicUrl,
  });
  const slack = await startLocalSlack({
    host: config.http.host,
    port: config.http.port,
    app: {
      name: manifest.display_information.name,
      botToken: botToken.reveal(),
      signingSecret: signingSecret.reveal(),
      scopes: [...botScopes],
      commands: manifest.features.slash_commands.map(({ command, description, usage_hint }) => ({
        command,
        description,
        usageHint: usage_hint,
      })),
    },
  });
  try {
    const { organizationName: name, organizationAdmins: admins, teams } = config;
    const keysmith = await startKeysmith({
      mode: 'sandbox',
      http: config.app,
      databaseFile: config.databaseFile,
      secret: config.secret ?? createSandboxSecret(config.secretFile),
      publicUrl: config.publicUrl,
      organization: {
        name,
        admins,
        issuers: teams.issuers,
        teams: teams.teams,
      },
      slack: {
        transport: 'http',
        botToken,
        signingSecret,
        apiUrl: slack.apiUrl,
      },
      noProxy: undefined,
      logger,
    });
    slack.sendRequestsTo(`${keysmith.url}${SLACK_EVENTS_PATH}`);
    const url = slack.url.replace('//127.0.0.1:', '//localhost:');
    logger.info({ url, api: keysmith.url }, `Open ${url} in a browser: a local Slack with Keysmith in it`);
    return {
      url,
      async stop() {
        await keysmith.stop();
        await slack.stop();
      },
    };
  } catch (error) {
    await slack.stop();
    throw error;
  }
}
