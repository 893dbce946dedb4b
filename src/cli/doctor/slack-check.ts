import type { SlackConfig } from '../../config/configuration.ts';
import type { Secret } from '../../domain/keys/secret.ts';
import { readTextWithin } from '../../net/bounded-body.ts';
import { withDeadline } from '../../net/deadline.ts';
import { parseBoundedJson } from '../../net/json-bounds.ts';
import { botScopes } from '../../slack/manifest.ts';
import { type Finding, failureText, plainText } from './finding.ts';

export interface SlackCallOptions {
  fetch: typeof fetch;
  apiUrl: string;
  timeoutMs: number;
  now: () => number;
}

const MAX_RESPONSE_BYTES = 64 * 1024;

/** Signatures with a time more than 5 minutes off are refused. A synchronized clock is off by far less than a minute. */
const MAX_CLOCK_DIFFERENCE_MS = 60_000;

export async function checkSlack(
  slack: SlackConfig,
  options: Omit<SlackCallOptions, 'apiUrl'>,
): Promise<Finding[]> {
  const call = { ...options, apiUrl: slack.apiUrl };
  const [identity, connection] = await Promise.all([
    callSlack(call, 'auth.test', slack.botToken),
    slack.transport === 'socket' ? callSlack(call, 'apps.connections.open', slack.appToken) : undefined,
  ]);
  return [
    ...botTokenFindings(identity),
    ...(connection === undefined ? [] : [connectionFinding(connection)]),
    ...clockFindings(identity),
  ];
}

function botTokenFindings(response: SlackResponse): Finding[] {
  const subject = 'Slack, bot token';
  if (response.kind === 'unreachable') return [unreachable(subject, response.text)];
  if (!response.body.ok) {
    return [refusal(subject, response.body.error, tokenRemedy(response.body.error))];
  }
  const { team, user, bot_id: botId } = response.body;
  if (typeof botId !== 'string') {
    const remedy = 'Set SLACK_BOT_TOKEN to the app’s Bot User OAuth Token.';
    return [{ mark: 'problem', subject, text: 'the token belongs to a person, not to a bot', remedy }];
  }
  const text = `valid, for @${plainText(user)} in the workspace ${plainText(team)}`;
  return [{ mark: 'ok', subject, text }, scopesFinding(response.scopes)];
}

/** Slack's codes for the token of an app that was uninstalled. */
const UNINSTALLED: readonly unknown[] = ['account_inactive', 'app_uninstalled', 'token_revoked'];

function tokenRemedy(error: unknown): string {
  return UNINSTALLED.includes(error)
    ? 'The app was uninstalled, or its token revoked: install it to the workspace again, set the new SLACK_BOT_TOKEN, and restart Keysmith.'
    : 'Copy it again from OAuth & Permissions into SLACK_BOT_TOKEN.';
}

function scopesFinding(scopes: string[] | undefined): Finding {
  const subject = 'Slack, scopes';
  if (scopes === undefined) {
    return { mark: 'warning', subject, text: 'Slack didn’t return the token’s scopes' };
  }
  const missing = botScopes.filter((scope) => !scopes.includes(scope));
  if (missing.length === 0) return { mark: 'ok', subject, text: 'complete' };
  const remedy = 'Paste the manifest again (App Manifest) and reinstall the app to the workspace.';
  return { mark: 'problem', subject, text: `missing: ${missing.join(', ')}`, remedy };
}

function connectionFinding(response: SlackResponse): Finding {
  const subject = 'Slack, Socket Mode';
  if (response.kind === 'unreachable') return unreachable(subject, response.text);
  if (response.body.ok) return { mark: 'ok', subject, text: 'a connection can be opened' };
  const remedy =
    'Turn on Socket Mode, and generate an app-level token with the scope connections:write for SLACK_APP_TOKEN.';
  return refusal(subject, response.body.error, remedy);
}

function clockFindings(response: SlackResponse): Finding[] {
  if (response.kind === 'unreachable' || response.clockAheadMs === undefined) return [];
  const seconds = Math.round(Math.abs(response.clockAheadMs) / 1000);
  if (Math.abs(response.clockAheadMs) <= MAX_CLOCK_DIFFERENCE_MS) {
    return [{ mark: 'ok', subject: 'Clock', text: `within ${Math.max(1, seconds)} s of Slack’s` }];
  }
  const direction = response.clockAheadMs > 0 ? 'ahead of' : 'behind';
  const remedy = 'Synchronize the clock (NTP): requests from Slack are refused if it is off.';
  return [{ mark: 'problem', subject: 'Clock', text: `${seconds} s ${direction} Slack’s`, remedy }];
}

function unreachable(subject: string, text: string): Finding {
  const remedy = 'Check the network, HTTPS_PROXY, and SLACK_API_URL if it is set.';
  return { mark: 'problem', subject, text: `Slack ${text}`, remedy };
}

function refusal(subject: string, error: unknown, remedy: string): Finding {
  // Only what looks like one of Slack's codes is repeated.
  const code = typeof error === 'string' && /^[a-z_]{1,60}$/.test(error) ? error : 'unknown error';
  return { mark: 'problem', subject, text: `Slack refused: ${code}`, remedy };
}

type SlackResponse =
  | {
      kind: 'responded';
      body: Record<string, unknown> & { ok: boolean };
      /** The token's scopes, if Slack returned them. */
      scopes: string[] | undefined;
      /** How far this machine's clock is ahead of Slack's; undefined without a date. */
      clockAheadMs: number | undefined;
    }
  | { kind: 'unreachable'; text: string };

/** Calls a method once. Doesn't follow redirects, which would send the token elsewhere, and reads at most 64 KiB. */
async function callSlack(options: SlackCallOptions, method: string, token: Secret): Promise<SlackResponse> {
  try {
    return await withDeadline(options, async (signal) => {
      const response = await options.fetch(`${options.apiUrl}${method}`, {
        method: 'POST',
        headers: {
          Authorization: `Bearer ${token.reveal()}`,
          'Content-Type': 'application/x-www-form-urlencoded',
        },
        redirect: 'manual',
        signal,
      });
      const receivedAtMs = options.now();
      return toSlackResponse(response, await readJson(response), receivedAtMs);
    });
  } catch (error) {
    return { kind: 'unreachable', text: failureText(error) };
  }
}

function toSlackResponse(
  { status, headers }: Response,
  body: Awaited<ReturnType<typeof readJson>>,
  receivedAtMs: number,
): SlackResponse {
  if (status !== 200 || body === undefined) {
    return { kind: 'unreachable', text: `returned HTTP ${status} and no valid response` };
  }
  return {
    kind: 'responded',
    body,
    scopes: headers
      .get('x-oauth-scopes')
      ?.split(',')
      .map((scope) => scope.trim()),
    clockAheadMs: clockAheadMs(headers.get('date'), receivedAtMs),
  };
}

function clockAheadMs(date: string | null, receivedAtMs: number): number | undefined {
  const serverMs = Date.parse(date ?? '');
  return Number.isNaN(serverMs) ? undefined : receivedAtMs - serverMs;
}

async function readJson(
  response: Response,
): Promise<(Record<string, unknown> & { ok: boolean }) | undefined> {
  const parsed = parseBoundedJson((await readTextWithin(response, MAX_RESPONSE_BYTES)) ?? '');
  const body = parsed.ok ? parsed.value : undefined;
  if (typeof body !== 'object' || body === null || !('ok' in body) || typeof body.ok !== 'boolean')
    return undefined;
  return { ...body, ok: body.ok };
}
