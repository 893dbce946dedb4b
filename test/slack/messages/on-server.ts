import { expect } from 'vitest';
import type { DueAccountNotification } from '../../../src/application/ports/notifications.ts';
import type { ServiceAccount } from '../../../src/domain/accounts/service-account.ts';
import { checkMessage } from '../../../src/sandbox/slack/web-api/chat.ts';
import { type Message, notice } from '../../../src/slack/messages/blocks.ts';
import { notificationMessage } from '../../../src/slack/messages/notification-messages.ts';
import { plainAccount } from './plain-account.ts';

export const PAGE = 'https://wandb.acme.test/ml-platform/service-accounts';
export const SERVER_NAME = 'nightly-eval-ksabcdefghij234';
export const SETUP = {
  publicUrl: 'https://wandb.acme.test',
  organizationName: 'acme',
  runAccess: 'available' as const,
  teamPage: PAGE,
};
/** What someone reads who sees nothing else. Checks Slack's limits. */
export function read(text: string): string {
  expect(checkMessage({ ...notice(text, 'ks_0123456789abcd') })).toMatchObject({ ok: true });
  return text;
}

/** Distributes over the kinds of notifications. */
type Content<Due> = Due extends unknown ? Omit<Due, 'account' | 'link' | 'requestId' | 'accountId'> : never;

export function notified(
  content: Content<DueAccountNotification>,
  changes: Partial<ServiceAccount> = {},
  link: string | undefined = PAGE,
): Message {
  const account = plainAccount(changes);
  const about = { account, accountId: account.id, requestId: 'ks_0123456789abcd', link };
  const message = notificationMessage({ ...content, ...about } as DueAccountNotification, SETUP);
  expect(checkMessage({ ...message })).toMatchObject({ ok: true });
  return message;
}
