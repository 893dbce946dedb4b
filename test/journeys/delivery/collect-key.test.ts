import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sandboxTeams } from '../../../src/config/teams-file/sandbox-teams.ts';
import { API_KEY_PATTERN } from '../../../src/domain/keys/api-key.ts';
import type { ShownMessage } from '../../../src/sandbox/slack/protocol/page-protocol.ts';
import type { SlackPerson } from '../../driver/person.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { keyIn } from '../../world/new-account-form.ts';
import { type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';
import {
  collectionId,
  failDelivery,
  lastEvents,
  liveKeyIds,
  requestsToSlack,
  sentKeys,
  storedKeys,
} from './key-delivery.ts';

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;

let workspace: RunningWorkspace;
let ada: SlackPerson;
let revokedKeyId: string;
let offer: ShownMessage;
beforeEach(async () => {
  workspace = await startWorkspace({ keysmith: { deliveryTimeoutMs: 250 } });
  ada = workspace.slack.as('Ada');
  revokedKeyId = await failDelivery(workspace, ada);
  offer = await ada.waitForMessage('Keysmith', 'Collect');
});
afterEach(() => workspace.stop());

/** The organization after Ada's role in ml-platform changed; `undefined`: she is not in the team any more. */
function organizationWith(role: 'member' | undefined) {
  const { organization, issuers, teams } = sandboxTeams();
  const isAda = (email: string) => email === 'ada@acme.test';
  return {
    name: 'acme',
    admins: organization.admins,
    issuers,
    teams: teams.map((team) => ({
      ...team,
      members: team.members
        .filter(({ email }) => role !== undefined || !isAda(email))
        .map((member) => (role && isAda(member.email) ? { ...member, role } : member)),
    })),
  };
}

describe('Collect key', () => {
  test('makes a new key at the click, shows it to that person alone, and ends the offer', async () => {
    await ada.click(offer, 'Collect key');
    const message = await ada.waitForMessage('Keysmith', API_KEY_PATTERN);
    const replaced = await ada.waitForMessage('Keysmith', 'was collected');

    const [failed, collected, ...more] = sentKeys(workspace);
    expect(more).toEqual([]);
    expect(failed?.keyId).toBe(revokedKeyId);
    expect(collected?.method).toBe('response_url');
    expect(keyIn(message)).toContain(collected?.keyId);
    expect(message.ephemeral).toBe(true);
    expect(message.text).not.toMatch(API_KEY_PATTERN);
    expect(storedKeys(workspace)).toEqual([
      { keyId: revokedKeyId, isLive: false, delivery: 'failed', collection: 'collected' },
      { keyId: collected?.keyId, isLive: true, delivery: 'delivered', collection: 'collected' },
    ]);
    expect(await lastEvents(workspace, 3)).toEqual([
      { action: 'api_key.delivery_failed', route: 'response_url', outcome: 'refused', cause: 'used_url' },
      { action: 'api_key.collection_started' },
      { action: 'api_key.delivered', route: 'response_url', outcome: 'accepted', cause: 'response_url' },
    ]);
    expect(replaced.ts).toBe(offer.ts);
    expect(visibleText(replaced)).not.toContain('Collect key');
    expect(workspace.logs()).not.toContain(keyIn(message)?.split('-')[1]);
  });

  test('gives the key the life that was chosen in the form, counted from the click', async () => {
    workspace.clock.advance(20 * HOUR_MS);
    await ada.click(offer, 'Collect key');
    await ada.waitForMessage('Keysmith', API_KEY_PATTERN);

    const [life] = workspace.rows<{ days: number; age: number }>(
      `select (expires_at_ms - created_at_ms) / ${DAY_MS} as days, ? - created_at_ms as age
         from api_keys where revoked_at_ms is null`,
      workspace.clock.nowMs,
    );
    expect(life?.days).toBe(90);
    expect(life?.age).toBeLessThan(HOUR_MS);
  });

  test('gives one key, once: the second click is told so', async () => {
    await ada.click(offer, 'Collect key');
    await ada.waitForMessage('Keysmith', 'was collected');
    await click(ada.id);

    await ada.waitForMessage('Keysmith', 'This key was collected already; it is shown once.');
    expect(sentKeys(workspace)).toHaveLength(2);
    expect(liveKeyIds(workspace)).toHaveLength(1);
  });

  test('clicked many times at once gives one key', async () => {
    const clicks = await Promise.all(Array.from({ length: 6 }, () => ada.click(offer, 'Collect key')));
    await ada.waitForMessage('Keysmith', 'was collected');
    await expect
      .poll(() => ada.messages('Keysmith').filter((one) => visibleText(one).includes('This key ')).length)
      .toBe(5);

    expect(clicks.map(({ outcome }) => outcome)).toEqual(Array(6).fill({ ok: true }));
    expect(sentKeys(workspace)).toHaveLength(2);
    expect(storedKeys(workspace).filter(({ isLive }) => isLive)).toHaveLength(1);
    expect(ada.messages('Keysmith').filter((message) => keyIn(message))).toHaveLength(1);
  });

  test('clicked after the account was revoked gives none', async () => {
    await ada.command('ml-platform', '/wandb sa revoke nightly-eval');
    await ada.click(await ada.waitForMessage('ml-platform', 'Revoke `nightly-eval`'), 'Revoke');
    await ada.waitForMessage('ml-platform', 'is revoked');

    await ada.click(offer, 'Collect key');
    await ada.waitForMessage('Keysmith', 'This account was revoked: there is no key to collect any more.');
    expect(sentKeys(workspace)).toHaveLength(1);
    expect(liveKeyIds(workspace)).toEqual([]);
    expect(workspace.rows('select state from collections')).toEqual([{ state: 'closed' }]);
  });
});

describe('Collect key, for 24 hours', () => {
  test('works shortly before they are over', async () => {
    workspace.clock.advance(DAY_MS - HOUR_MS);
    await ada.click(offer, 'Collect key');
    await ada.waitForMessage('Keysmith', API_KEY_PATTERN);
    expect(liveKeyIds(workspace)).toHaveLength(1);
  });

  test('is over then: the person is told, also what to do, and the list offers nothing any more', async () => {
    workspace.clock.advance(DAY_MS + 1000);
    await ada.click(offer, 'Collect key');
    await ada.waitForMessage(
      'Keysmith',
      'The 24 hours to collect this key are over. Revoke the account and make a new one.',
    );

    await ada.command('ml-platform', '/wandb sa list');
    const list = await ada.waitForMessage('ml-platform', 'nightly-eval');
    expect(visibleText(list)).not.toContain('Collect key');
    expect(sentKeys(workspace)).toHaveLength(1);
    expect(liveKeyIds(workspace)).toEqual([]);
  });

  test('is over as well where the last try was under way when they ended, and failed', async () => {
    workspace.clock.advance(DAY_MS - 1000);
    workspace.slack.failures.set('response_url', { kind: 'timeout' }, { times: 1 });
    await ada.click(offer, 'Collect key');
    await expect.poll(() => sentKeys(workspace).length).toBe(2);
    workspace.clock.advance(2000);

    await ada.waitForMessage('Keysmith', (message) =>
      /24 hours to collect (it|this key) are over/.test(visibleText(message)),
    );
    expect(workspace.rows('select state from collections')).toEqual([{ state: 'closed' }]);
    expect(liveKeyIds(workspace)).toEqual([]);
    expect(ada.messages('Keysmith').map(visibleText).join()).not.toContain('revoked while');

    await click(ada.id);
    await ada.waitForMessage('Keysmith', 'The 24 hours to collect this key are over.');
    expect(sentKeys(workspace)).toHaveLength(2);
  });
});

describe('Collect key is for one person, who still may', () => {
  test.each(['Ben', 'Cy', 'Dee'])('%s, who got hold of the offer, is told nothing of it', async (name) => {
    const other = workspace.slack.as(name);
    await click(other.id);
    await other.waitForMessage('Keysmith', 'There is no key here for you to collect.');

    expect(other.messages('Keysmith').map(visibleText).join()).not.toContain('nightly-eval');
    expect(sentKeys(workspace)).toHaveLength(1);
    expect(workspace.rows('select state from collections')).toEqual([{ state: 'open' }]);
    const [event] = (await workspace.audit()).slice(-1);
    expect(event).toMatchObject({
      action: 'api_key.collection_refused',
      actor: { slackUserId: other.id },
      details: { reason: 'collection_unknown' },
    });
  });

  test('an offer that never was is answered with the same words', async () => {
    await click(ada.id, 'col_00000000000000');
    await ada.waitForMessage('Keysmith', 'There is no key here for you to collect.');
    expect((await lastEvents(workspace, 1))[0]).toEqual({ action: 'api_key.collection_refused' });
  });

  test.each([
    [
      'became a member',
      'member',
      'Only admins of `ml-platform` can do this, and you are not one of them.',
      'not_admin',
    ],
    ['left the team', undefined, 'There is no key here for you to collect.', 'team_unknown'],
  ] as const)('who %s meanwhile is refused, and the record says so', async (_, role, words, reason) => {
    await workspace.restartKeysmith({ organization: organizationWith(role) });
    await ada.click(offer, 'Collect key');
    await ada.waitForMessage('Keysmith', words);

    expect(sentKeys(workspace)).toHaveLength(1);
    expect(liveKeyIds(workspace)).toEqual([]);
    expect((await workspace.audit()).at(-1)).toMatchObject({
      action: 'api_key.collection_refused',
      actor: { slackUserId: ada.id },
      details: { reason },
    });
  });

  test('who became a guest meanwhile is refused; permission that comes back works again', async () => {
    const recorded = (await workspace.audit()).length;
    workspace.slack.changePerson('Ada', { guest: 'multi_channel' });
    await ada.click(offer, 'Collect key');
    await ada.waitForMessage('Keysmith', 'Guests of this workspace can’t use Keysmith.');
    expect(sentKeys(workspace)).toHaveLength(1);
    expect(await workspace.audit()).toHaveLength(recorded);

    workspace.slack.changePerson('Ada', { guest: undefined as never });
    await ada.click(offer, 'Collect key');
    await ada.waitForMessage('Keysmith', API_KEY_PATTERN);
    expect(liveKeyIds(workspace)).toHaveLength(1);
  });

  test('while Slack does not say who clicks, nothing is made, and the offer stays', async () => {
    workspace.slack.failures.set('users.info', { kind: 'status', status: 500 }, { times: 1 });
    await ada.click(offer, 'Collect key');
    await ada.waitForMessage('Keysmith', 'Slack did not say who you are. Nothing was changed.');
    expect(sentKeys(workspace)).toHaveLength(1);

    await ada.click(offer, 'Collect key');
    await ada.waitForMessage('Keysmith', API_KEY_PATTERN);
  });
});

/** A click whose button's value is another one, or comes from somebody whom the message was not sent to. */
async function click(slackUserId: string, value = collectionId(workspace)): Promise<void> {
  const before = requestsToSlack(workspace).length;
  const answer = await workspace.slack.deliver(
    {
      payload: {
        type: 'block_actions',
        container: { type: 'message', message_ts: offer.ts },
        actions: [{ type: 'button', action_id: 'collect_key', block_id: 'collect', value }],
      },
    },
    { as: slackUserId },
  );
  expect(answer).toMatchObject({ kind: 'answered', status: 200 });
  await expect.poll(() => requestsToSlack(workspace).length).toBeGreaterThan(before);
}
