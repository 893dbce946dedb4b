import type { RichTextSection } from '@slack/types';
import { expect, test } from 'vitest';
import type {
  NearMatchRecord,
  UnownedCard,
  UnusedReviewCard,
} from '../../../../src/application/care/care-records.ts';
import { letExpireText } from '../../../../src/slack/messages/care/expiry-message.ts';
import {
  nearMatchCardContent,
  nearMatchText,
} from '../../../../src/slack/messages/care/near-match-message.ts';
import { takeOverText, unownedContent } from '../../../../src/slack/messages/care/unowned-message.ts';
import { unusedReviewContent } from '../../../../src/slack/messages/care/unused-review-message.ts';
import { plainAccount } from '../plain-account.ts';

const account = plainAccount();

test('A review of as many keys as one can have says that there may be more', () => {
  const key = { keyName: 'key-1', account, createdAtMs: 0, lastUsedAtMs: undefined, keptBy: undefined };
  const keys = Array.from({ length: 15 }, (_, index) => ({
    ...key,
    keyId: `k${index}`,
    state: 'open' as const,
  }));
  const review: UnusedReviewCard = {
    card: 'unused_review',
    reviewId: 'review_1',
    teamName: 'computer vision',
    createdAtMs: 0,
    keys,
    more: 85,
    keptForDays: 1,
  };
  const { message } = unusedReviewContent(review);
  expect(message.text).toBe('At least 100 keys of computer vision may no longer be needed.');
  const blocks = JSON.stringify(message.blocks);
  expect(blocks).toContain('For a day, Keysmith doesn’t ask again about a key that you keep.');
  expect(blocks).toContain(
    JSON.stringify(
      'and at least 85 more. Open the accounts with `/wandb service-account list --team "computer vision"`.',
    ).slice(1, -1),
  );
  expect(unusedReviewContent({ ...review, more: 84 }).message.text).toMatch(/^99 keys/);
});

test('A contact of very many accounts is shown with a count that has an end', () => {
  const card: UnownedCard = {
    card: 'unowned',
    contact: 'U0BEN00001',
    teamName: 'ml-platform',
    accounts: [account],
    more: 1_001,
    takenOver: [],
    moreTakenOver: 0,
  };
  expect(JSON.stringify(unownedContent(card).message.blocks)).toContain('and more than 1,000 more.');
  expect(JSON.stringify(unownedContent({ ...card, more: 7 }).message.blocks)).toContain('and 7 more.');
});

test('A click without an effect says why nothing was changed', () => {
  expect(takeOverText({ kind: 'ended', account })).toBe(
    'Nothing was changed: `nightly-eval` in `ml-platform` has ended.',
  );
  expect(letExpireText({ kind: 'refused', refusal: { reason: 'team_unknown' } })).toMatch(
    /^Nothing was changed\. \S/,
  );
  const match: NearMatchRecord = {
    id: 'near_1',
    account: plainAccount({
      method: 'federated',
      externalIdentity: { issuer: 'https://i.test', subject: 'a' },
    }),
    subject: 'b',
    state: 'ended',
    decidedAtMs: undefined,
    decidedBySlackUserId: undefined,
  };
  expect(nearMatchText({ kind: 'issuer_removed', match })).toContain(
    'Ask an organization admin to register it again.',
  );
  expect(JSON.stringify(nearMatchCardContent({ card: 'near_match', match }).message.blocks)).toContain(
    'which has ended or whose team is archived.',
  );
});

test('The card of a near match starts a line with each subject, and marks where they differ', () => {
  const subject = 'repo:acme/eval:ref:refs/heads/';
  const match: NearMatchRecord = {
    id: 'near_2',
    account: plainAccount({
      method: 'federated',
      externalIdentity: { issuer: 'https://i.test', subject: `${subject}main` },
    }),
    subject: `${subject}next`,
    state: 'open',
    decidedAtMs: undefined,
    decidedBySlackUserId: undefined,
  };
  const { blocks = [] } = nearMatchCardContent({ card: 'near_match', match }).message;
  const lines = blocks.flatMap((block) => (block.type === 'rich_text' ? block.elements : []));
  const texts = (lines as RichTextSection[]).map(({ elements }) =>
    elements.map((part) => (part.type === 'text' ? `${part.text}${part.style?.bold ? '*' : ''}` : '')),
  );
  expect(texts).toEqual([
    ['Registered:\n', subject, 'main*', '\n'],
    ['In the JWT:\n', subject, 'next*', '\n'],
  ]);
});
