import type { TrafficRecord } from '../../src/sandbox/slack/traffic/traffic.ts';

/** Every text that Slack reads as markup, in all that the app has sent: mrkdwn text objects and messages' `text`. */
export function sentMarkup(traffic: readonly TrafficRecord[]): string[] {
  return traffic.flatMap((record) => {
    if (record.direction === 'to_slack') return markupIn(record.payload, true);
    // What the app answered to an interaction: a view, errors.
    return markupIn(parsed(record.answer?.body), false);
  });
}

function markupIn(value: unknown, isMessage: boolean): string[] {
  if (Array.isArray(value)) return value.flatMap((one) => markupIn(one, false));
  if (typeof value !== 'object' || value === null) return [];
  const { type, text } = value as { type?: unknown; text?: unknown };
  const own = typeof text === 'string' && (type === 'mrkdwn' || isMessage) ? [text] : [];
  return [...own, ...Object.values(value).flatMap((inner) => markupIn(inner, false))];
}

function parsed(body: string | undefined): unknown {
  try {
    return JSON.parse(body ?? '');
  } catch {
    return undefined;
  }
}
