import { expect, test } from 'vitest';
import type { EarlierSubmission } from '../../../src/application/ports/account-records.ts';
import { alreadySubmittedText } from '../../../src/slack/messages/accounts/outcome-text.ts';
import { plainAccount } from './plain-account.ts';

const ACTIVE: EarlierSubmission = {
  account: plainAccount(),
  keyId: 'AbC123',
  delivery: 'delivered',
};

test('A form submitted again names the key of its account while the account is active', () => {
  expect(alreadySubmittedText(ACTIVE, false)).toContain('Its key (`AbC123`) was already sent to you.');
});

test.each(['none', 'sending', 'delivered', 'failed'] as const)(
  'A form submitted again (%s) says when its account was revoked since, and how to create another',
  (delivery) => {
    const account = plainAccount({ state: 'revoked', revokedAtMs: 1 });
    const text = alreadySubmittedText({ ...ACTIVE, account, delivery }, false);
    expect(text).toContain('It has since been revoked.');
    expect(text).toContain('/wandb service-account new');
    expect(text).not.toContain('Its key');
  },
);

test.each([
  ['revoked', 'It has since been deleted from W&B.'],
  ['revoking', 'Keysmith is deleting it from W&B.'],
] as const)('A form submitted again says that its account on a W&B server is %s', (state, text) => {
  const account = plainAccount({ state });
  expect(alreadySubmittedText({ ...ACTIVE, account }, true)).toBe(
    `\`nightly-eval\` in \`ml-platform\` was already created from this form, so nothing new was created. ${text} To create another account, run \`/wandb service-account new\`.`,
  );
});

test('A form submitted again says that its account wasn’t created', () => {
  const account = plainAccount({ state: 'failed' });
  expect(alreadySubmittedText({ account, keyId: undefined, delivery: 'none' }, true)).toBe(
    'This form was already submitted, and `nightly-eval` in `ml-platform` wasn’t created. To try again, run `/wandb service-account new`.',
  );
});
