import type { SlackConfig } from '../../config/load-config.ts';
import type { Secret } from '../../domain/keys/secret.ts';
import { readTextWithin } from '../../net/bounded-body.ts';
import { withDeadline } from '../../net/deadline.ts';
import { parseBoundedJson } from '../../net/json-bounds.ts';
import { botScopes } from '../../slack/manifest.ts';
import { type Finding, plainText } from './finding.ts';

type SlackAnswer =
  | {
      kind: 'answered';
      body: Record<string, unknown> & { ok: boolean };
      /** Of the token, where Slack said so. */
      scopes: string[] | undefined;
      /** How far this machine's clock is ahead of Slack's. */
      clockAheadMs: number | undefined;
    }
  | { kind: 'unreachable'; text: string };

export interface SlackCallOptions {
  fetch: typeof fetch;
  apiUrl: string;
  timeoutMs: number;
  now: () => number;
}

const MAX_ANSWER_BYTES = 64 * 1024;

/** Calls one method once. Follows no redirect, which would carry the token elsewhere, and reads a bounded answer. */
async function callSlack(options: SlackCallOptions, method: string, token: Secret): Promise<SlackAnswer> {
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
      return slackAnswer(response, await readJson(response), receivedAtMs);
    });
  } catch (error) {
    return { kind: 'unreachable', text: failureText(error) };
  }
}

function slackAnswer(
  { status, headers }: Response,
  body: Awaited<ReturnType<typeof readJson>>,
  receivedAtMs: number,
): SlackAnswer {
  if (status !== 200 || body === undefined) {
    return { kind: 'unreachable', text: `answered HTTP ${status}, not as Slack does` };
  }
  return {
    kind: 'answered',
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
  const parsed = parseBoundedJson((await readTextWithin(response, MAX_ANSWER_BYTES)) ?? '');
  const body = parsed.ok ? parsed.value : undefined;
  if (typeof body !== 'object' || body === null || !('ok' in body) || typeof body.ok !== 'boolean')
    return undefined;
  return { ...body, ok: body.ok };
}

/** Why a request came to nothing: the code alone, since messages may quote the request. */
export function failureText(error: unknown): string {
  if (error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError')) {
    return 'did not answer in time';
  }
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return /^[A-Z][A-Z0-9_]{2,60}$/.test(code) ? `can not be reached (${code})` : 'can not be reached';
}

/** Requests are signed with Slack's time, and refused beyond 5 minutes; a minute is far more than a kept clock drifts. */
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

function botTokenFindings(answer: SlackAnswer): Finding[] {
  const subject = 'Slack, bot token';
  if (answer.kind === 'unreachable') return [unreachable(subject, answer.text)];
  if (!answer.body.ok) {
    return [
      refusal(subject, answer.body.error, 'Copy it again from OAuth & Permissions into SLACK_BOT_TOKEN.'),
    ];
  }
  const { team, user, bot_id: botId } = answer.body;
  if (typeof botId !== 'string') {
    const remedy = 'Set SLACK_BOT_TOKEN to the Bot User OAuth Token of the app.';
    return [{ mark: 'problem', subject, text: 'the token belongs to a person, not to a bot', remedy }];
  }
  const text = `valid, @${plainText(user)} in the workspace ${plainText(team)}`;
  return [{ mark: 'ok', subject, text }, scopesFinding(answer.scopes)];
}

function scopesFinding(scopes: string[] | undefined): Finding {
  const subject = 'Slack, scopes';
  if (scopes === undefined) {
    return { mark: 'warning', subject, text: 'Slack did not say which scopes the token has' };
  }
  const missing = botScopes.filter((scope) => !scopes.includes(scope));
  if (missing.length === 0) return { mark: 'ok', subject, text: 'all that are needed' };
  const remedy = 'Paste the manifest again (App Manifest) and reinstall the app to the workspace.';
  return { mark: 'problem', subject, text: `missing: ${missing.join(', ')}`, remedy };
}

function connectionFinding(answer: SlackAnswer): Finding {
  const subject = 'Slack, Socket Mode';
  if (answer.kind === 'unreachable') return unreachable(subject, answer.text);
  if (answer.body.ok) return { mark: 'ok', subject, text: 'a connection can be opened' };
  const remedy =
    'Turn Socket Mode on, and make an app-level token with the scope connections:write for SLACK_APP_TOKEN.';
  return refusal(subject, answer.body.error, remedy);
}

function clockFindings(answer: SlackAnswer): Finding[] {
  if (answer.kind === 'unreachable' || answer.clockAheadMs === undefined) return [];
  const seconds = Math.round(Math.abs(answer.clockAheadMs) / 1000);
  if (Math.abs(answer.clockAheadMs) <= MAX_CLOCK_DIFFERENCE_MS) {
    return [{ mark: 'ok', subject: 'Clock', text: `within ${Math.max(1, seconds)} s of Slack's` }];
  }
  const direction = answer.clockAheadMs > 0 ? 'ahead of' : 'behind';
  const remedy = 'Set the clock (NTP): requests from Slack are refused when their time is off.';
  return [{ mark: 'problem', subject: 'Clock', text: `${seconds} s ${direction} Slack's`, remedy }];
}

function unreachable(subject: string, text: string): Finding {
  const remedy = 'Check the network, HTTPS_PROXY, and SLACK_API_URL if it is set.';
  return { mark: 'problem', subject, text: `Slack ${text}`, remedy };
}

function refusal(subject: string, error: unknown, remedy: string): Finding {
  // Slack's codes are words with underscores; anything else is not repeated.
  const code = typeof error === 'string' && /^[a-z_]{1,60}$/.test(error) ? error : 'unknown error';
  return { mark: 'problem', subject, text: `Slack refused: ${code}`, remedy };
}
