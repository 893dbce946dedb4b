import { describe, expect, test } from 'vitest';
import { responseUrlError, webApiError } from '../../../src/slack/web/post-once.ts';
import { isResponseUrl } from '../../../src/slack/web/response-url.ts';

const slack = { apiUrl: 'https://slack.com/api/' };
const standIn = { apiUrl: 'http://127.0.0.1:4000/api/' };

describe('A response URL', () => {
  test.each([
    'https://hooks.slack.com/commands/T0/1/a',
    'https://hooks.slack.com/actions/T0/1/a',
    'https://hooks.slack.com:443/x',
    'https://HOOKS.slack.com/x',
  ])('is followed to Slack’s own host: %s', (url) => {
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
  ])('is never followed elsewhere: %s', (url) => {
    expect(isResponseUrl(url, slack)).toBe(false);
  });

  test('leads to the stand-in alone where SLACK_API_URL names one', () => {
    expect(isResponseUrl('http://127.0.0.1:4000/commands/T0/1/a', standIn)).toBe(true);
    expect(isResponseUrl('http://127.0.0.1:4001/commands/T0/1/a', standIn)).toBe(false);
    expect(isResponseUrl('https://127.0.0.1:4000/commands/T0/1/a', standIn)).toBe(false);
    expect(isResponseUrl('http://x@127.0.0.1:4000/commands/T0/1/a', standIn)).toBe(false);
    expect(isResponseUrl('https://hooks.slack.com/commands/T0/1/a', standIn)).toBe(false);
  });
});

describe('What Slack’s answer to a message says', () => {
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
  ])('at a response URL, %j: %s', (answer, refusal) => {
    expect(responseUrlError(answer)).toBe(refusal);
  });

  test.each([
    ['{"ok":true,"message_ts":"1.2"}', undefined],
    ['{"ok":false,"error":"user_not_in_channel"}', 'user_not_in_channel'],
    ['ok', 'unreadable_answer'],
    ['{"ok":"true"}', 'unreadable_answer'],
    ['{"ok":false,"error":7}', 'unreadable_answer'],
  ])('of the Web API, %j: %s', (answer, refusal) => {
    expect(webApiError(answer)).toBe(refusal);
  });
});
