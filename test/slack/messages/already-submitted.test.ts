import { expect, test } from 'vitest';
import type { EarlierSubmission } from '../../../src/application/ports/account-records.ts';
import { alreadySubmittedText } from '../../../src/slack/messages/outcome-text.ts';
import { plainAccount } from './plain-account.ts';

const ACTIVE: EarlierSubmission = {
  account: plainAccount(),
  keyId: 'AbC123',
  delivery: 'delivered',
};

test('A form submitted again names the key of its account while the account is active', () => {
  expect(alreadySubmittedText(ACTIVE)).toContain('Its key (`AbC123`) was already sent to you.');
});

test.each(['none', 'sending', 'delivered', 'failed'] as const)(
  'A form submitted again (%s) says when its account was revoked since, and how to create another',
  (delivery) => {
    const account = { ...ACTIVE.account, status: 'revoked', revokedAtMs: 1 } as const;
    const text = alreadySubmittedText({ ...ACTIVE, account, delivery });
    expect(text).toContain('It has since been revoked');
    expect(text).toContain('/wandb service-account new');
    expect(text).not.toContain('Its key');
  },
);
