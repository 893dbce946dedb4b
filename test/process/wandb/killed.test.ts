import { beforeEach, describe, expect, test } from 'vitest';
import type { PageMessage } from '../../../src/sandbox/slack/protocol/page-protocol.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { chooseMethod, openRevokeForm } from '../../journeys/steps.ts';
import { isLongForm } from '../../long-form.ts';
import { ask } from '../../slack/ask.ts';
import { openForm } from '../../world/new-account-form.ts';
import {
  activeKeys,
  expectConsistent,
  type KillableKeysmith,
  keysShown,
  onServer,
  startKillable,
} from './killed-process.ts';

const NOTIFICATION = { timeoutMs: 15_000 };
const NAMED = '`nightly-eval` in `ml-platform`';

let keysmith: KillableKeysmith;
beforeEach(async () => {
  keysmith = await startKillable();
});

/** Submits the form without waiting for the response. */
async function submitForm(method: 'api_key' | 'federated' = 'api_key'): Promise<void> {
  const { ada } = keysmith;
  await openForm(ada, 'ml-platform', '/wandb service-account new nightly-eval');
  if (method === 'federated') {
    await chooseMethod(ada, 'federated');
    await ada.fill('issuer', 'https://token.actions.githubusercontent.com');
    await ada.fill('subject', 'repo:acme/eval:ref:refs/heads/main');
  }
  void ada.submit();
}

/** Kills the process at a call to the server, whose response is sent once the process is gone. */
async function killAt(held: { reached: Promise<void>; release(): void }): Promise<void> {
  await held.reached;
  await keysmith.kill();
  held.release();
}

/** Restarts the process and returns its only direct message, which must contain the text. */
async function messageAfterRestart(text: string): Promise<PageMessage> {
  await keysmith.startAfterLease();
  const message = await keysmith.ada.waitForMessage('Keysmith', text, NOTIFICATION);
  await expectConsistent(keysmith);
  expect(keysmith.ada.messages('Keysmith')).toHaveLength(1);
  return message;
}

/** Expects exactly these accounts both on the server and in Keysmith's list. */
async function expectListed(names: string[]): Promise<void> {
  expect(onServer(keysmith).map(({ name }) => name.replace(/-ks[a-z2-7]{13}$/, ''))).toEqual(names);
  const list = visibleText(await ask(keysmith.ada, 'ml-platform', '/wandb service-account list'));
  expect(list).not.toContain('Created outside Keysmith');
  expect(list).not.toContain('Not in W&B');
  // Its name on the server has a tag.
  expect(list.match(/nightly-eval(?!-ks)/g) ?? []).toHaveLength(names.length);
}

/** Expects that nothing is left on the server, and that collecting recreates the account once, with a key that works. */
async function expectCollects(offer: PageMessage): Promise<void> {
  const { ada } = keysmith;
  expect(onServer(keysmith)).toEqual([]);
  const shownBefore = keysShown(keysmith);
  await ada.click(offer, 'Collect key');
  const newKeys = () => keysShown(keysmith).filter((key) => !shownBefore.includes(key));
  await ada.waitFor('the collected key', () => newKeys()[0], NOTIFICATION);
  await ada.waitForMessage('Keysmith', 'Collected the key', NOTIFICATION);
  await expectConsistent(keysmith);
  expect(newKeys()).toHaveLength(1);
  expect(activeKeys(keysmith)).toEqual(newKeys());
  await expectListed(['nightly-eval']);
}

describe('A process that is killed while it creates an account with a key', () => {
  test.runIf(isLongForm)('offers a key if the server never got the call', async () => {
    const held = keysmith.wandb.hold('createServiceAccount', { at: 'before' });
    await submitForm();
    await held.reached;
    await keysmith.kill();

    await expectCollects(await messageAfterRestart('Collect key'));
  });

  test.each([...(isLongForm ? ['before' as const] : []), 'after' as const])(
    'deletes the account and offers another key when killed %s the server created the account',
    async (at) => {
      const held = keysmith.wandb.hold('createServiceAccount', { at });
      await submitForm();
      await killAt(held);
      await expect.poll(() => onServer(keysmith), { timeout: 10_000 }).toHaveLength(1);

      const offer = await messageAfterRestart('Collect key');
      expect(keysShown(keysmith)).toEqual([]);
      await expectCollects(offer);
    },
  );

  test.runIf(isLongForm)(
    'deletes the account and offers another key when killed while reading the key',
    async () => {
      const created = keysmith.wandb.hold('createServiceAccount', { at: 'after' });
      await submitForm();
      await created.reached;
      const reading = keysmith.wandb.hold('entity', { at: 'after' });
      created.release();
      await killAt(reading);

      const offer = await messageAfterRestart('Collect key');
      expect(keysShown(keysmith)).toEqual([]);
      await expectCollects(offer);
    },
  );

  test.runIf(isLongForm).each([
    ['before', 0],
    ['after', 1],
  ])(
    'revokes the key and offers another one when killed %s Slack delivered the message with the key',
    async (_, arrived) => {
      const { slack } = keysmith;
      slack.failures.set('response_url', { kind: 'timeout', afterEffect: arrived > 0 }, { times: 1 });
      await submitForm();
      await expect.poll(() => slack.failures.list(), { timeout: 10_000 }).toEqual([]);
      await expect.poll(() => keysShown(keysmith), { timeout: 10_000 }).toHaveLength(arrived);
      expect(activeKeys(keysmith)).toHaveLength(1);
      await keysmith.kill();

      const offer = await messageAfterRestart('Collect key');
      expect(activeKeys(keysmith)).toEqual([]);
      await expectCollects(offer);
    },
  );
});

test.runIf(isLongForm)(
  'A process that is killed after the server created a federated account completes it and notifies the person',
  async () => {
    const held = keysmith.wandb.hold('createClient', { at: 'after' });
    await submitForm('federated');
    await killAt(held);

    await messageAfterRestart(`Created ${NAMED}`);
    await expectListed(['nightly-eval']);
    expect(onServer(keysmith)).toMatchObject([
      { OAuthClients: [{ subject: 'repo:acme/eval:ref:refs/heads/main' }] },
    ]);
  },
);

test.runIf(isLongForm).each([
  ['before', 'before'],
  ['after', 'after'],
] as const)(
  'A process that is killed %s the server deleted an account has deleted it when it notifies the person',
  async (_, at) => {
    const { ada, wandb } = keysmith;
    await submitForm();
    await expect.poll(() => keysShown(keysmith), { timeout: 10_000 }).toHaveLength(1);
    await ada.waitUntilClosed();
    const form = await openRevokeForm(ada, 'ml-platform', '/wandb service-account revoke nightly-eval');
    expect(form).toContain(NAMED);
    await ada.fill('name', 'nightly-eval');
    const held = wandb.hold('deleteInvite', { at });
    void ada.submit();
    await held.reached;
    await keysmith.kill();
    expect(activeKeys(keysmith)).toHaveLength(at === 'before' ? 1 : 0);

    await messageAfterRestart(`Deleted ${NAMED} from W&B`);
    expect(activeKeys(keysmith)).toEqual([]);
    await expectListed([]);
  },
);
