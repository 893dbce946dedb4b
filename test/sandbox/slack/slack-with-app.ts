import { type Logger, LogLevel, WebClient, type WebClientOptions } from '@slack/web-api';
import { onTestFinished } from 'vitest';
import type { LocalSlackOptions } from '../../../src/sandbox/slack/local-slack.ts';
import type { InstalledApp } from '../../../src/sandbox/slack/workspace/slack-state.ts';
import { type DrivenSlack, startDrivenSlack } from '../../driver/driven-slack.ts';
import { type Receiver, startReceiver } from './receiver.ts';

export const app: InstalledApp = {
  name: 'Keysmith',
  botToken: 'xoxb-sandbox-bot',
  signingSecret: 'sandbox-signing-secret',
  appToken: 'xapp-sandbox-app',
  scopes: ['commands', 'chat:write', 'users:read', 'users:read.email', 'im:write'],
  commands: [{ command: '/wandb', description: 'Service accounts', usageHint: 'help' }],
};

export const conversations = {
  withApp: 'C0MLPLAT01',
  withoutApp: 'C0RANDOM01',
  privateWithoutApp: 'C0SECRET01',
  betweenPeople: 'D0ADABEN01',
};

export const people = { ada: 'U0ADA00001', ben: 'U0BEN00002', cy: 'U0CYX00003', dee: 'U0DEE00004' };

/** Creates a clock that tests advance. */
export function createClock(): { now: () => number; advance(ms: number): void } {
  let nowMs = Date.parse('2026-03-02T09:00:00Z');
  return {
    now: () => nowMs,
    advance: (ms) => {
      nowMs += ms;
    },
  };
}

/** Keeps the client from logging errors, which these tests cause on purpose. */
const silent: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  setLevel() {},
  getLevel: () => LogLevel.ERROR,
  setName() {},
};

/** Creates a client that never retries, so that a test sees Slack's first response. */
export function clientOf(slack: DrivenSlack, options: WebClientOptions & { token?: string } = {}): WebClient {
  const { token = app.botToken, ...more } = options;
  return new WebClient(token, {
    slackApiUrl: slack.apiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logger: silent,
    ...more,
  });
}

/** Starts a local Slack with a minimal app. Both stop when the test ends. */
export async function startSlackWithApp(
  options: Partial<Omit<LocalSlackOptions, 'app'>> & { app?: Partial<InstalledApp> } = {},
): Promise<{
  slack: DrivenSlack;
  receiver: Receiver;
  client: WebClient;
  clock: ReturnType<typeof createClock>;
}> {
  const clock = createClock();
  const receiver = await startReceiver();
  const slack = await startDrivenSlack({
    now: clock.now,
    requestUrl: receiver.url,
    ...options,
    app: { ...app, ...options.app },
  });
  onTestFinished(async () => {
    await slack.stop();
    await receiver.stop();
  });
  return { slack, receiver, client: clientOf(slack), clock };
}

/** Makes a person run a command, and makes the app open a view for them. */
export async function openView(
  { slack, receiver, client }: { slack: DrivenSlack; receiver: Receiver; client: WebClient },
  view: ReturnType<typeof modal>,
  person = 'ada',
): Promise<{ id: string; hash: string }> {
  await slack.as(person).command('random', '/wandb');
  const trigger_id = receiver.requests.at(-1)?.fields.trigger_id ?? '';
  receiver.requests.length = 0;
  const opened = await client.views.open({ trigger_id, view });
  return { id: opened.view?.id ?? '', hash: opened.view?.hash ?? '' };
}

/** Returns a short time for an app that never acknowledges; otherwise Slack's own, which a slow machine can meet. */
export function acknowledgeTimeFor(response: unknown): number {
  return response === 'never' ? 50 : 3000;
}

/** Returns Slack's whole response to a call that it refused. Throws if the call succeeds. */
export async function refusal(call: Promise<unknown>): Promise<Record<string, unknown>> {
  try {
    await call;
  } catch (error) {
    return (error as { data: Record<string, unknown> }).data;
  }
  throw new Error('The call succeeded');
}

export function modal(view: Record<string, unknown> = {}) {
  return {
    type: 'modal' as const,
    callback_id: 'form',
    title: { type: 'plain_text' as const, text: 'A form' },
    submit: { type: 'plain_text' as const, text: 'Create' },
    blocks: [nameInput()],
    ...view,
  };
}

export function nameInput(element: Record<string, unknown> = {}, block: Record<string, unknown> = {}) {
  return {
    type: 'input' as const,
    block_id: 'name',
    label: { type: 'plain_text' as const, text: 'Name' },
    element: { type: 'plain_text_input' as const, action_id: 'name', ...element },
    ...block,
  };
}

export function options(...values: string[]) {
  return values.map((value) => ({ text: { type: 'plain_text' as const, text: `Option ${value}` }, value }));
}
