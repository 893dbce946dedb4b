import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { drawApiKey, formatApiKey } from '../../../src/domain/keys/api-key.ts';
import { containsCredential, withoutCredentials } from '../../../src/domain/keys/pasted-credential.ts';
import { anyText } from '../../any-text.ts';
import { startCpuTime } from '../../cpu-time.ts';

const apiKey = fc
  .uint8Array({ minLength: 46, maxLength: 46, max: 247 })
  .map((bytes) => formatApiKey(drawApiKey((size) => bytes.subarray(46 - size))));

const fullWidth = (text: string) =>
  text.replace(/[!-~]/g, (character) => String.fromCodePoint(character.charCodeAt(0) + 0xfee0));

/** What happens to a key on its way through editors, phones and chats. */
const DISGUISES: [what: string, disguise: (key: string) => string][] = [
  ['as it is', (key) => key],
  ['in upper case', (key) => key.toUpperCase()],
  ['in lower case', (key) => key.toLowerCase()],
  ['in full-width letters', fullWidth],
  ['with a line break inside', (key) => `${key.slice(0, 30)}\n${key.slice(30)}`],
  [
    'with line breaks and spaces inside',
    (key) => `${key.slice(0, 9)} ${key.slice(9, 40)}\r\n  ${key.slice(40)}`,
  ],
  ['with a space after each character', (key) => key.split('').join(' ')],
  ['with zero-width spaces inside', (key) => key.split('').join('\u200b')],
  [
    'with soft hyphens and joiners inside',
    (key) => `${key.slice(0, 12)}\u00ad${key.slice(12, 33)}\u2060\u200d${key.slice(33)}`,
  ],
  ['with the dash that phones write', (key) => key.replace('-', '–')],
  ['as a link of Slack’s', (key) => `<https://${key}|${key}>`],
  ['in an assignment', (key) => `export WANDB_API_KEY="${key}";`],
  ['in JSON', (key) => JSON.stringify({ note: `\n${key}` })],
  ['within a word', (key) => `x${key}x`],
  ['with Markdown’s backslash', (key) => key.replace('_', '\\_')],
  ['on two lines of a quotation', (key) => `> ${key.slice(0, 30)}\n> ${key.slice(30)}`],
  ['in code on two lines', (key) => `\`${key.slice(0, 30)}\`\n\`${key.slice(30)}\``],
  ['with a word of it in bold', (key) => key.replace('_', '_*').replace('-', '*-')],
  ['without its prefix', (key) => key.replace('keysmith_', '')],
  ['truncated at the end of a field', (key) => key.slice(0, 45)],
];

describe('A key of Keysmith', () => {
  test.each(DISGUISES)('is found in any text %s', (_, disguise) => {
    fc.assert(
      fc.property(anyText(), apiKey, anyText(), (before, key, after) => {
        expect(containsCredential(`${before} ${disguise(key)} ${after}`)).toBe(true);
      }),
    );
  });

  test.each(DISGUISES)('is removed from the text of a machine %s', (_, disguise) => {
    const key = formatApiKey(drawApiKey(randomBytes));
    const clean = withoutCredentials(`client/1.0 ${disguise(key)} (linux)`);

    expect(clean).toContain('[key]');
    expect(clean.normalize('NFKC').replace(/[^\w]/g, '').toLowerCase()).not.toContain(
      key.slice(24, 44).toLowerCase(),
    );
  });
});

const HEX = '0123456789abcdef0123456789abcdef01234567';

test.each([
  ['a key of W&B', 'wandb_v1_aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1eF3hJ5kL7n'],
  ['an older key of W&B', `local-${HEX}`],
  ['an assignment of the oldest keys of W&B', `WANDB_API_KEY="${HEX}`],
  ['a bot token', 'xoxb-123456789012-1234567890123-AbCdEfGhIjKlMnOpQrStUvWx'],
  ['an app token', 'xapp-1-A0123456789-1234567890123-abcdef0123456789'],
  ['a token of GitHub', 'ghp_aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1eF3hJ5'],
  ['a fine-grained token of GitHub', 'github_pat_11ABCDEFG0aB3dE5gH7jK9mN1pQ3sT5'],
  ['a token of GitLab', 'glpat-aB3dE5gH7jK9mN1pQ3sT'],
  ['a JWT', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.dozjgNryP4J3jVmNHl0w5N'],
])('%s is found too', (_, credential) => {
  expect(containsCredential(`Used with ${credential} in the nightly job`)).toBe(true);
  expect(withoutCredentials(`agent/1 ${credential}`)).toBe('agent/1 [key]');
});

test.each([
  'Evaluates the model every night; the key is in the vault under keysmith_nightly-eval.',
  'See https://keysmith.acme.test/docs/service-accounts-and-their-keys-in-production-pipelines',
  `Trains commit ${HEX}, image sha256:${HEX}${HEX.slice(0, 24)}`,
  'repo:acme/model-training-pipeline-for-large-language-models:ref:refs/heads/main',
  'repo:acme@12345678/web@87654321:environment:production',
  'system:serviceaccount:machine-learning-production:nightly-evaluation-runner-with-a-long-name',
  'spiffe://acme.test/ns/default/sa/3f2504e0-4f89-11d3-9a0c-0305e82c3301',
  'keysmith_ keys are rotated - every ninety days by the platform team of the machine learning organization at Acme',
  'Replaces wandb_v1_migration_of_all_the_old_runs and github_pat_rotation_for_the_nightly_jobs',
  'keysmith_abcdefghijkl - some more words that are more than forty letters long',
  'local-development-environment-of-the-machine-learning-team',
  'linuxapp-2026-nightly-eval',
  'The key ID is 0123456789Ab, the account is sa_0123456789abcd',
  'wandb-sdk/0.26.1 (python 3.13; linux) GraphQL/0.26.1 gzip',
  'Ünïcödé, emoji 👩‍💻 and 漢字が含まれる説明文',
  '',
])('ordinary text is accepted and kept: %s', (text) => {
  expect(containsCredential(text)).toBe(false);
  expect(withoutCredentials(text)).toBe(text);
});

test('random words, sentences and identifiers are accepted', () => {
  const text = fc.oneof(anyText(), fc.lorem({ maxCount: 40 }), fc.uuid());
  fc.assert(fc.property(text, (words) => !containsCredential(words)));
});

test.each(['eyJ', 'eyJ_', 'eyJaaaaaaaa.', '0123456789ab-', 'keysmith_', 'wandb_v1_', 'ghp_', `${HEX}-`])(
  'takes time in proportion to the length of a text: %s, repeated',
  (part) => {
    const cpuTimeMs = startCpuTime();
    containsCredential(part.repeat(100_000 / part.length));
    expect(cpuTimeMs()).toBeLessThan(1_000);
  },
);
