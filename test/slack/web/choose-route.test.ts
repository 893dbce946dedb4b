import { describe, expect, test } from 'vitest';
import { chooseRoute } from '../../../src/slack/web/response-url.ts';

const policy = { apiUrl: 'https://slack.com/api/' };
const openedAtMs = Date.UTC(2027, 0, 1);
const from = {
  responseUrl: 'https://hooks.slack.com/commands/T0ACME0001/1/abc',
  openedAtMs,
  channelId: 'C0MLPLAT01',
  slackUserId: 'U0ADA00001',
};
const ephemeral = { kind: 'post_ephemeral', channelId: 'C0MLPLAT01', slackUserId: 'U0ADA00001' };
const minutes = (count: number) => count * 60_000;

describe('The way that a new key takes is chosen before the key is made', () => {
  test.each([0, minutes(5), minutes(29) - 1])('the response URL, %i ms after Slack gave it out', (ageMs) => {
    const route = chooseRoute(from, policy, openedAtMs + ageMs);

    expect(route).toMatchObject({ kind: 'response_url' });
    expect(route.kind === 'response_url' && route.url.reveal()).toBe(from.responseUrl);
  });

  test.each([minutes(29), minutes(30), minutes(24 * 60)])(
    'an ephemeral message in the conversation, %i ms after: the response URL may end on the way',
    (ageMs) => {
      expect(chooseRoute(from, policy, openedAtMs + ageMs)).toEqual(ephemeral);
    },
  );

  test.each(['', 'https://evil.test/commands/1', 'http://hooks.slack.com/commands/1', 'not a URL'])(
    'an ephemeral message where the response URL leads elsewhere than to Slack: %j',
    (responseUrl) => {
      expect(chooseRoute({ ...from, responseUrl }, policy, openedAtMs)).toEqual(ephemeral);
    },
  );

  test('the response URL is a secret: no log line or error message shows it', () => {
    const route = chooseRoute(from, policy, openedAtMs);

    expect(JSON.stringify(route)).not.toContain('hooks.slack.com');
    expect(`${route.kind === 'response_url' && route.url}`).toBe('[secret]');
  });
});
