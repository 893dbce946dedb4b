import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { App, HTTPReceiver, type Logger, LogLevel } from '@slack/bolt';
import type { InstalledApp } from '../../../../src/sandbox/slack/workspace/slack-state.ts';
import { type DrivenSlack, startDrivenSlack } from '../../../driver/driven-slack.ts';
import { registerListeners } from './kitchen-sink-listeners.ts';

interface Received {
  /** `slash_command`, or the type of the interaction or event. */
  type: string;
  // biome-ignore lint/suspicious/noExplicitAny: only tests read the payloads, whatever their shape.
  body: any;
}

export interface KitchenSink {
  slack: DrivenSlack;
  app: App;
  /** All requests to the app, in order. */
  received: Received[];
  stop(): Promise<void>;
}

const kitchenApp = {
  name: 'Kitchen',
  botToken: 'xoxb-kitchen-bot',
  signingSecret: 'kitchen-signing-secret',
  appToken: 'xapp-kitchen-app',
  scopes: ['commands', 'chat:write', 'users:read', 'im:write'],
  commands: [{ command: '/kitchen', description: 'Everything at once', usageHint: 'message | ephemeral' }],
  homeTabEnabled: true,
  shortcuts: [
    { type: 'global', callbackId: 'open_kitchen', name: 'Open the kitchen', description: 'Shows the form' },
    { type: 'message', callbackId: 'inspect_message', name: 'Inspect', description: 'Shows the text' },
  ],
  eventSubscriptions: ['app_home_opened'],
} satisfies InstalledApp;

const silent: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  setLevel() {},
  getLevel: () => LogLevel.ERROR,
  setName() {},
};

/** Starts a Bolt app that uses everything that the sandbox supports, over HTTP or Socket Mode. */
export async function startKitchenSink(options: { transport: 'http' | 'socket' }): Promise<KitchenSink> {
  const slack = await startDrivenSlack({ app: kitchenApp });
  const received: Received[] = [];
  const { app, stopApp } = await (options.transport === 'http' ? overHttp(slack) : overSocket(slack));
  app.use(async ({ body, next }) => {
    const { type = 'slash_command', event } = body as { type?: string; event?: { type: string } };
    received.push({ type: event?.type ?? type, body });
    await next();
  });
  registerListeners(app);
  if (options.transport === 'socket') await app.start();
  return {
    slack,
    app,
    received,
    async stop() {
      await stopApp();
      await slack.stop();
    },
  };
}

interface RunningApp {
  app: App;
  stopApp: () => Promise<unknown>;
}

async function overHttp(slack: DrivenSlack): Promise<RunningApp> {
  const { signingSecret, botToken } = kitchenApp;
  const receiver = new HTTPReceiver({ signingSecret, logger: silent });
  const server = createServer(receiver.requestListener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  slack.sendRequestsTo(`http://127.0.0.1:${(server.address() as AddressInfo).port}/slack/events`);
  const app = await newApp({ receiver, token: botToken }, slack);
  const stopApp = () =>
    new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  return { app, stopApp };
}

async function overSocket(slack: DrivenSlack): Promise<RunningApp> {
  const { appToken, botToken } = kitchenApp;
  const app = await newApp({ socketMode: true, appToken, token: botToken }, slack);
  return { app, stopApp: () => app.stop() };
}

async function newApp(options: ConstructorParameters<typeof App>[0], slack: DrivenSlack): Promise<App> {
  const app = new App({
    ...options,
    clientOptions: { slackApiUrl: slack.apiUrl, retryConfig: { retries: 0 } },
    convoStore: false,
    deferInitialization: true,
    logger: silent,
  });
  await app.init();
  return app;
}
