import type { SlackConfig } from '../../config.ts';
import { botScopes } from '../manifest.ts';
import { type Finding, plainText } from './finding.ts';
import { callSlack, type SlackAnswer, type SlackCallOptions } from './slack-call.ts';

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
