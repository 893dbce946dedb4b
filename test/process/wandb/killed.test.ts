import { beforeEach, describe, expect, test } from 'vitest';
import type { ShownMessage } from '../../../src/sandbox/slack/protocol/page-protocol.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { chooseMethod } from '../../journeys/steps.ts';
import { isLongForm } from '../../long-form.ts';
import { ask } from '../../slack/ask.ts';
import { openForm } from '../../world/new-account-form.ts';
import {
  expectInOrder,
  type KillableKeysmith,
  keysShown,
  liveKeys,
  onServer,
  startKillable,
} from './killed-process.ts';

const TELLING = { timeoutMs: 15_000 };
const NAMED = '`nightly-eval` in `ml-platform`';

let keysmith: KillableKeysmith;
beforeEach(async () => {
  keysmith = await startKillable();
});

/** Submits the form for an account with a key; what it is answered with, nobody waits for. */
async function submitForm(method: 'api_key' | 'federated' = 'api_key'): Promise<void> {
  const { ada } = keysmith;
  await openForm(ada, 'ml-platform', '/wandb service-account new nightly-eval');
  if (method === 'federated') {
    await chooseMethod(ada, 'federated');
    await ada.fill('subject', 'repo:acme/eval:ref:refs/heads/main');
  }
  void ada.submit();
}

/** Kills the process at the server's answer, which comes once nobody is there to hear it. */
async function killAt(held: { reached: Promise<void>; release(): void }): Promise<void> {
  await held.reached;
  await keysmith.kill();
  held.release();
}

/** The direct message about the end, which comes by itself when the process is started again; and there is no other. */
async function toldAfterRestart(words: string): Promise<ShownMessage> {
  await keysmith.startAfterLease();
  const message = await keysmith.ada.waitForMessage('Keysmith', words, TELLING);
  await expectInOrder(keysmith);
  expect(keysmith.ada.messages('Keysmith')).toHaveLength(1);
  return message;
}

/** The server has what Keysmith lists, and Keysmith lists nothing that it did not make itself. */
async function expectListed(names: string[]): Promise<void> {
  expect(onServer(keysmith).map(({ name }) => name)).toEqual(names);
  const list = visibleText(await ask(keysmith.ada, 'ml-platform', '/wandb service-account list'));
  expect(list).not.toContain('Made outside Keysmith');
  expect(list).not.toContain('Not in W&B');
  expect(list.match(/nightly-eval/g) ?? []).toHaveLength(names.length);
}

/** Nothing of the account is alive; the offer makes it anew, once, with a key that works. */
async function expectCollects(offer: ShownMessage): Promise<void> {
  const { ada } = keysmith;
  expect(onServer(keysmith)).toEqual([]);
  const shownBefore = keysShown(keysmith);
  await ada.click(offer, 'Collect key');
  const newKeys = () => keysShown(keysmith).filter((key) => !shownBefore.includes(key));
  await ada.waitFor('the collected key', () => newKeys()[0], TELLING);
  await ada.waitForMessage('Keysmith', 'was collected', TELLING);
  await expectInOrder(keysmith);
  expect(newKeys()).toHaveLength(1);
  expect(liveKeys(keysmith)).toEqual(newKeys());
  await expectListed(['nightly-eval']);
}

describe('A process that is killed while it makes an account with a key', () => {
  test.runIf(isLongForm)(
    'at a call that the server never carries out: the person hears that nothing was made, and may try again',
    async () => {
      const held = keysmith.wandb.hold('createServiceAccount', { at: 'before' });
      await submitForm();
      await held.reached;
      await keysmith.kill();

      await toldAfterRestart(`${NAMED} was not made`);
      await expectListed([]);
      await submitForm();
      await expect.poll(() => keysShown(keysmith), { timeout: 10_000 }).toHaveLength(1);
      await expectInOrder(keysmith);
      expect(liveKeys(keysmith)).toEqual(keysShown(keysmith));
    },
  );

  test.each([...(isLongForm ? ['before' as const] : []), 'after' as const])(
    '%s the server made it: it goes again, its key was nobody’s, and another one may be collected',
    async (at) => {
      const held = keysmith.wandb.hold('createServiceAccount', { at });
      await submitForm();
      await killAt(held);
      await expect.poll(() => onServer(keysmith)).toHaveLength(1);

      const offer = await toldAfterRestart('Collect key');
      expect(keysShown(keysmith)).toEqual([]);
      await expectCollects(offer);
    },
  );

  test.runIf(isLongForm)(
    'while it reads the key: that one goes with its account, and another one may be collected',
    async () => {
      const made = keysmith.wandb.hold('createServiceAccount', { at: 'after' });
      await submitForm();
      await made.reached;
      const reading = keysmith.wandb.hold('entity', { at: 'after' });
      made.release();
      await killAt(reading);

      const offer = await toldAfterRestart('Collect key');
      expect(keysShown(keysmith)).toEqual([]);
      await expectCollects(offer);
    },
  );

  test.runIf(isLongForm).each([
    ['did not arrive', 0],
    ['arrived', 1],
  ])(
    'while the key is on its way (it %s): it is cut off, and another one may be collected',
    async (_, arrived) => {
      const { slack } = keysmith;
      slack.failures.set('response_url', { kind: 'timeout', afterEffect: arrived > 0 }, { times: 1 });
      await submitForm();
      await expect.poll(() => slack.failures.list(), { timeout: 10_000 }).toEqual([]);
      await expect.poll(() => keysShown(keysmith)).toHaveLength(arrived);
      expect(liveKeys(keysmith)).toHaveLength(1);
      await keysmith.kill();

      const offer = await toldAfterRestart('Collect key');
      expect(liveKeys(keysmith)).toEqual([]);
      await expectCollects(offer);
    },
  );
});

test.runIf(isLongForm)(
  'A process that is killed after the server made a federated account: it is completed, and told',
  async () => {
    const held = keysmith.wandb.hold('createClient', { at: 'after' });
    await submitForm('federated');
    await killAt(held);

    await toldAfterRestart(`${NAMED} was made after all`);
    await expectListed(['nightly-eval']);
    expect(onServer(keysmith)).toMatchObject([
      { OAuthClients: [{ subject: 'repo:acme/eval:ref:refs/heads/main' }] },
    ]);
  },
);

test.runIf(isLongForm).each([
  ['at a call that the server never carries out', 'before'],
  ['after the server removed it', 'after'],
] as const)(
  'A process that is killed while it revokes an account, %s: the key is dead when it is told',
  async (_, at) => {
    const { ada, wandb } = keysmith;
    await submitForm();
    await expect.poll(() => keysShown(keysmith), { timeout: 10_000 }).toHaveLength(1);
    await ada.waitUntilClosed();
    const list = await ask(ada, 'ml-platform', '/wandb service-account list');
    const held = wandb.hold('deleteInvite', { at });
    void ada.click(list, 'Revoke');
    await held.reached;
    await keysmith.kill();
    expect(liveKeys(keysmith)).toHaveLength(at === 'before' ? 1 : 0);

    await toldAfterRestart(`${NAMED} is revoked now`);
    expect(liveKeys(keysmith)).toEqual([]);
    await expectListed([]);
  },
);
