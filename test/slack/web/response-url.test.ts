import { describe, expect, test } from 'vitest';
import { responseUrlError, webApiError } from '../../../src/slack/web/post-once.ts';
import { chooseRoute, isResponseUrl } from '../../../src/slack/web/response-url.ts';

const slack = { apiUrl: 'https://slack.com/api/' };
const standIn = { apiUrl: 'http://127.0.0.1:4000/api/' };

describe('A response URL', () => {
  test.each([
    'https://hooks.slack.com/commands/T0/1/a',
    'https://hooks.slack.com/actions/T0/1/a',
    'https://hooks.slack.com:443/x',
    'https://HOOKS.slack.com/x',
  ])('is accepted on Slack’s own host: %s', (url) => {
    expect(isResponseUrl(url, slack)).toBe(true);
  });

  test.each([
    '',
    'hooks.slack.com/x',
    'http://hooks.slack.com/x',
    'https://hooks.slack.com:8443/x',
    'https://hooks.slack.com.evil.test/x',
    'https://evil.test/hooks.slack.com',
    'https://evil.test#@hooks.slack.com/',
    'https://hooks.slack.com@evil.test/x',
    'https://user:password@hooks.slack.com/x',
    'https://hooks.slack.com./x',
    'https://slack.com/x',
    'https://xhooks.slack.com/x',
    'https://hooks.slаck.com/x',
    'http://127.0.0.1:4000/x',
    'http://169.254.169.254/latest/meta-data',
    'file:///etc/passwd',
    'javascript:alert(1)',
  ])('is rejected on any other host: %s', (url) => {
    expect(isResponseUrl(url, slack)).toBe(false);
  });

  test('must have the origin of SLACK_API_URL when that isn’t Slack', () => {
    expect(isResponseUrl('http://127.0.0.1:4000/commands/T0/1/a', standIn)).toBe(true);
    expect(isResponseUrl('http://127.0.0.1:4001/commands/T0/1/a', standIn)).toBe(false);
    expect(isResponseUrl('https://127.0.0.1:4000/commands/T0/1/a', standIn)).toBe(false);
    expect(isResponseUrl('http://x@127.0.0.1:4000/commands/T0/1/a', standIn)).toBe(false);
    expect(isResponseUrl('https://hooks.slack.com/commands/T0/1/a', standIn)).toBe(false);
  });
});

describe('The error code in Slack’s response', () => {
  test.each([
    ['ok', undefined],
    [' ok\n', undefined],
    ['{"ok":true}', undefined],
    ['{"ok":false,"error":"used_url"}', 'used_url'],
    ['{"ok":false}', 'unreadable_answer'],
    ['<html>ok</html>', 'unreadable_answer'],
    ['', 'unreadable_answer'],
    ['null', 'unreadable_answer'],
    ['"ok"', 'unreadable_answer'],
  ])('is read at a response URL from %j: %s', (body, code) => {
    expect(responseUrlError(body)).toBe(code);
  });

  test.each([
    ['{"ok":true,"message_ts":"1.2"}', undefined],
    ['{"ok":false,"error":"user_not_in_channel"}', 'user_not_in_channel'],
    ['ok', 'unreadable_answer'],
    ['{"ok":"true"}', 'unreadable_answer'],
    ['{"ok":false,"error":7}', 'unreadable_answer'],
  ])('is read in the Web API from %j: %s', (body, code) => {
    expect(webApiError(body)).toBe(code);
  });
});

const openedAtMs = Date.UTC(2027, 0, 1);
const from = {
  responseUrl: 'https://hooks.slack.com/commands/T0ACME0001/1/abc',
  openedAtMs,
  channelId: 'C0MLPLAT01',
  slackUserId: 'U0ADA00001',
};
const ephemeral = { kind: 'post_ephemeral', channelId: 'C0MLPLAT01', slackUserId: 'U0ADA00001' };
const minutes = (count: number) => count * 60_000;

describe('The route of a new key', () => {
  test.each([-5_000, 0, minutes(5), minutes(29) - 1])(
    'is the response URL %i ms after Slack issued it',
    (ageMs) => {
      const route = chooseRoute(from, slack, openedAtMs + ageMs);

      expect(route).toMatchObject({ kind: 'response_url' });
      expect(route.kind === 'response_url' && route.url.reveal()).toBe(from.responseUrl);
    },
  );

  test.each([minutes(29), minutes(30), minutes(24 * 60), -minutes(24 * 60), -minutes(2), Number.NaN])(
    'is chat.postEphemeral %d ms after by a clock that may have been set back, as the response URL may have expired',
    (ageMs) => {
      expect(chooseRoute(from, slack, openedAtMs + ageMs)).toEqual(ephemeral);
    },
  );

  test.each(['', 'https://evil.test/commands/1', 'http://hooks.slack.com/commands/1', 'not a URL'])(
    'is chat.postEphemeral when the response URL isn’t Slack’s: %j',
    (responseUrl) => {
      expect(chooseRoute({ ...from, responseUrl }, slack, openedAtMs)).toEqual(ephemeral);
    },
  );

  test('keeps its response URL out of log lines and error messages', () => {
    const route = chooseRoute(from, slack, openedAtMs);

    expect(JSON.stringify(route)).not.toContain('hooks.slack.com');
    expect(`${route.kind === 'response_url' && route.url}`).toBe('[secret]');
  });
});
