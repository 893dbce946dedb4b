import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSecretMask } from '../../../../src/sandbox/slack/traffic/mask-secrets.ts';
import { toExchange } from '../../../../src/sandbox/slack/traffic/traffic.ts';
import { randomRuns } from '../../../long-form.ts';

const apiKeyPattern = /keysmith_[0-9A-Za-z]{12}-[0-9A-Za-z]{40}/;
const apiKey = `keysmith_${'k'.repeat(12)}-${'S'.repeat(40)}`;
const mask = createSecretMask({ secrets: ['of-no-known-shape'], patterns: [apiKeyPattern] });

const asText = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));

describe('the secret mask', () => {
  it.each<[string, string, string]>([
    ['a bot token', 'xoxb-123-456-abc', 'xoxb-•••'],
    ['an app token', 'xapp-1-A0-123-abc', 'xapp-•••'],
    ['a user token amid text', 'Use xoxp-1-2-3, please', 'Use xoxp-•••, please'],
    ['a refreshable token', 'xoxe.xoxp-1-abc', 'xoxe.•••'],
    ['a key of the app', `Key: ${apiKey}!`, 'Key: keysmith_•••!'],
    ['a line to paste', `WANDB_API_KEY=${apiKey}`, 'WANDB_API_KEY=keysmith_•••'],
    ['a known secret', 'It is of-no-known-shape.', 'It is •••.'],
    ['a trigger', `123456.789.${'0af1'.repeat(8)}`, '123456.•••'],
    ['a signature', `v0=${'0af1'.repeat(16)}`, 'v0=•••'],
    [
      'a response URL',
      'https://hooks.slack.com/commands/T0ACME0001/12345/aBc-_9',
      'https://hooks.slack.com/commands/T0ACME0001/12345/•••',
    ],
    [
      'a response URL inside a link',
      '<http://127.0.0.1:80/actions/T0/1/aBc|here>',
      '<http://127.0.0.1:80/actions/T0/1/•••|here>',
    ],
    [
      'a socket’s ticket',
      'ws://127.0.0.1/link/?ticket=a-b-c&app_id=A0',
      'ws://127.0.0.1/link/?ticket=•••&app_id=A0',
    ],
    [
      'a token in a query',
      'http://127.0.0.1/api/auth.test?token=abc',
      'http://127.0.0.1/api/auth.test?token=•••',
    ],
    ['a form', 'token=abc&text=a+b%21&user=U0', 'token=•••&text=a+b%21&user=U0'],
    [
      'JSON in a form',
      `payload=${encodeURIComponent('{"token":"abc","a":[1]}')}`,
      'payload={"token":"•••","a":[1]}',
    ],
    ['JSON in JSON', '{"meta":"{\\"token\\":\\"abc\\"}"}', '{"meta":"{\\"token\\":\\"•••\\"}"}'],
    ['truncated JSON', '{"token":"abc","text":"an unfin', '{"token":"•••","text":"an unfin'],
    ['a letter that JSON escapes', String.raw`{"text":"xox\u0062-123"}`, '{"text":"xoxb-•••"}'],
  ])('masks %s', (_what, text, shown) => {
    expect(mask.text(text)).toBe(shown);
    expect(mask.value({ deep: [text] })).toEqual({ deep: [shown] });
  });

  it.each([
    'Hello <@U0ADA00001>, see <https://docs.slack.dev/tools?a=1&b=%20|the docs>',
    '1741000000.000100',
    '/wandb sa new nightly-eval --team ml-platform',
    'WANDB_ENTITY=ml-platform',
    'token',
    '[not JSON]',
    'xoxb-',
    '',
  ])('leaves text without secrets unchanged: %s', (text) => {
    expect(mask.text(text)).toBe(text);
  });

  it('masks fields with secret names whatever their value', () => {
    expect(
      mask.value({
        authorization: 'Bearer xoxb-1-2',
        Cookie: 'd=abc',
        'x-slack-signature': 'nonsense',
        token: { odd: true },
        trigger_id: 'odd',
        response_url: 'https://elsewhere.test/odd',
        empty: { token: '', access_token: null },
        token_type: 'bot',
        ids: [1, true, null],
      }),
    ).toEqual({
      authorization: 'Bearer xoxb-•••',
      Cookie: '•••',
      'x-slack-signature': '•••',
      token: '•••',
      trigger_id: '•••',
      response_url: 'https://elsewhere.test/•••',
      empty: { token: '', access_token: null },
      token_type: 'bot',
      ids: [1, true, null],
    });
  });

  it('masks secrets in field names as well as in values', () => {
    expect(mask.value({ [apiKey]: 1 })).toEqual({ 'keysmith_•••': 1 });
  });

  it('keeps two triggers and two response URLs distinguishable', () => {
    const triggers = ['11.2.', '12.2.'].map((numbers) => mask.text(numbers + 'a'.repeat(32)));
    const urls = [1, 2].map((number) => mask.text(`https://hooks.slack.com/commands/T0/${number}/abc`));
    expect([new Set(triggers).size, new Set(urls).size]).toEqual([2, 2]);
  });

  it('leaves out values that are nested too deeply', () => {
    const deep = '['.repeat(100_000) + JSON.stringify(apiKey) + ']'.repeat(100_000);
    expect(mask.text(deep)).toContain('nested too deeply');
    let wrapped = apiKey;
    for (let i = 0; i < 12; i++) wrapped = JSON.stringify([wrapped]);
    expect(mask.text(wrapped)).not.toContain('SSSS');
  });

  it.each([
    '\\',
    '1',
    '1.',
    '%25',
    '%5C',
    ' ',
    '/',
    '/app/',
    'a=',
    '"',
    'x',
    'xox',
    'token',
    'http://',
    '&',
    '?',
    '["',
  ])('masks a very long repetition of %s quickly', (part) => {
    expect(mask.text(part.repeat(100_000))).not.toBe('');
    expect(mask.text(`a ${part.repeat(100_000)}`)).not.toBe('');
  });

  const letters = (minimum: number, alphabet = 'abcdefXYZ0189') =>
    fc.array(fc.constantFrom(...alphabet), { minLength: minimum, maxLength: 40 }).map((all) => all.join(''));

  /** A text, and the part of it that must be masked. */
  interface Planted {
    text: string;
    secret: string;
  }

  const plantedInText: fc.Arbitrary<Planted> = fc.oneof(
    fc
      .tuple(fc.constantFrom('xoxb-', 'xapp-', 'xoxp-', 'xoxa-2-', 'xoxe.xoxb-'), letters(8))
      .map(([kind, secret]) => ({ text: kind + secret, secret })),
    letters(40).map((all) => {
      const secret = all.padEnd(40, 'q').slice(0, 40);
      return { text: `keysmith_abcdefABCDEF-${secret}`, secret };
    }),
    letters(32, '0123456789abcdef').map((hex) => ({ text: `4711.42.${hex}`, secret: hex })),
    fc
      .tuple(fc.constantFrom('commands', 'actions', 'app'), letters(16))
      .map(([kind, secret]) => ({ text: `http://127.0.0.1:3000/${kind}/T0ACME0001/12/${secret}`, secret })),
    letters(8).map((secret) => ({ text: `wss://127.0.0.1:3000/link/?ticket=${secret}&app_id=A0`, secret })),
  );

  /** Ways to nest a text that contains a secret. */
  const wrapping = fc.array(
    fc.constantFrom<(inner: unknown) => unknown>(
      (inner) => ({ text: inner, ts: '1.2' }),
      (inner) => [1, inner, null],
      (inner) => ({ [asText(inner)]: true }),
      (inner) => JSON.stringify(inner),
      (inner) => JSON.stringify({ private_metadata: inner }, null, 2),
      (inner) => `Before ${asText(inner)} after`,
      (inner) => `\`\`\`\n${asText(inner)}\n\`\`\``,
      (inner) => new URLSearchParams({ text: asText(inner), payload: JSON.stringify({ inner }) }).toString(),
      (inner) => `https://example.test/?q=${encodeURIComponent(asText(inner))}`,
    ),
    { maxLength: 4 },
  );

  it('masks a secret in every part of an exchange, however it is nested', () => {
    const place = fc.constantFrom('url', 'header', 'payload', 'response', 'method', 'failure');
    fc.assert(
      fc.property(plantedInText, wrapping, place, ({ text, secret }, wraps, where) => {
        const wrapped = wraps.reduce<unknown>((inner, wrap) => wrap(inner), text);
        expect(JSON.stringify(exchangeWith(where, wrapped))).not.toContain(secret);
      }),
      { numRuns: randomRuns(1_000) },
    );
  });

  it('masks the value of a secret field whatever its shape', () => {
    const name = fc.constantFrom(
      'token',
      'authorization',
      'Cookie',
      'x-slack-signature',
      'trigger_id',
      'ticket',
    );
    fc.assert(
      fc.property(name, letters(8), wrapping, fc.boolean(), (field, secret, wraps, isForm) => {
        const planted = isForm ? new URLSearchParams({ [field]: secret }).toString() : { [field]: secret };
        const wrapped = wraps.reduce<unknown>((inner, wrap) => wrap(inner), planted);
        expect(JSON.stringify(exchangeWith('payload', wrapped))).not.toContain(secret);
      }),
      { numRuns: randomRuns(1_000) },
    );
  });

  it('accepts any JSON value and any text', () => {
    fc.assert(
      fc.property(fc.anything({ withObjectString: true }), fc.string(), (payload, text) => {
        mask.value(JSON.parse(JSON.stringify({ payload }) ?? 'null'));
        mask.text(text);
      }),
    );
  });
});

function exchangeWith(where: string, planted: unknown) {
  return toExchange(
    {
      id: 1,
      direction: 'to_slack',
      transport: 'http',
      method: where === 'method' ? asText(planted) : 'auth.test',
      url:
        where === 'url'
          ? `http://127.0.0.1/api/x?y=${encodeURIComponent(asText(planted))}`
          : 'http://127.0.0.1/',
      startedAtMs: 0,
      headers: where === 'header' ? { 'x-other': asText(planted) } : {},
      body: '',
      payload: where === 'payload' ? planted : {},
      response: { status: 200, body: where === 'response' ? asText(planted) : '' },
      ...(where === 'failure' && { failure: asText(planted) }),
    },
    mask,
  );
}
