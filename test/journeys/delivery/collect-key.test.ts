import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { API_KEY_PATTERN } from '../../../src/domain/keys/api-key.ts';
import type { PageMessage } from '../../../src/sandbox/slack/protocol/page-protocol.ts';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { acmeTeams } from '../../world/acme-teams.ts';
import { keyIn } from '../../world/new-account-form.ts';
import { type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';
import { endAccount } from '../steps.ts';
import {
  collectionId,
  failDelivery,
  holdResponse,
  lastEvents,
  liveKeyIds,
  requestsToSlack,
  sentKeys,
  storedKeys,
  useUp,
} from './key-delivery.ts';

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;

let workspace: RunningWorkspace;
let ada: SlackPerson;
let revokedKeyId: string;
let offer: PageMessage;
beforeEach(async () => {
  workspace = await startWorkspace();
  ada = workspace.slack.as('Ada');
  revokedKeyId = await failDelivery(workspace, ada);
  offer = await ada.waitForMessage('Keysmith', 'Collect');
});
afterEach(() => workspace.stop());

/** Returns the organization with Ada's role in ml-platform changed; `undefined` removes her from the team. */
function organizationWith(role: 'member' | undefined) {
  const { organization, issuers, teams } = acmeTeams();
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
  test('creates a new key at the click, shows it only to that person and closes the collection', async () => {
    await ada.click(offer, 'Collect key');
    const message = await ada.waitForMessage('Keysmith', API_KEY_PATTERN);
    const replaced = await ada.waitForMessage('Keysmith', 'Collected the key');

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

  test('gives the key the lifetime chosen in the form, counted from the click', async () => {
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

  test('creates the key once and says so at the second click', async () => {
    await ada.click(offer, 'Collect key');
    await ada.waitForMessage('Keysmith', 'Collected the key');
    await click(ada.id);

    await ada.waitForMessage('Keysmith', 'This key was already collected, and a key is shown only once.');
    expect(sentKeys(workspace)).toHaveLength(2);
    expect(liveKeyIds(workspace)).toHaveLength(1);
  });

  test('creates one key when clicked many times at once', async () => {
    const clicks = await Promise.all(Array.from({ length: 6 }, () => ada.click(offer, 'Collect key')));
    await ada.waitForMessage('Keysmith', 'Collected the key');
    await expect
      .poll(() => ada.messages('Keysmith').filter((one) => visibleText(one).includes('This key ')).length, {
        timeout: 10_000,
      })
      .toBe(5);

    expect(clicks.map(({ outcome }) => outcome)).toEqual(Array(6).fill({ ok: true }));
    expect(sentKeys(workspace)).toHaveLength(2);
    expect(storedKeys(workspace).filter(({ isLive }) => isLive)).toHaveLength(1);
    expect(ada.messages('Keysmith').filter((message) => keyIn(message))).toHaveLength(1);
  });

  test('creates no key after the account was revoked', async () => {
    await endAccount(ada, 'ml-platform', '/wandb sa revoke nightly-eval');

    await ada.click(offer, 'Collect key');
    await ada.waitForMessage('Keysmith', 'The account was revoked, so there’s no key to collect.');
    expect(sentKeys(workspace)).toHaveLength(1);
    expect(liveKeyIds(workspace)).toEqual([]);
    expect(workspace.rows('select state from collections')).toEqual([{ state: 'closed' }]);
  });
});

describe('The 24 hours for Collect key', () => {
  test('allow collecting shortly before they end', async () => {
    workspace.clock.advance(DAY_MS - HOUR_MS);
    await ada.click(offer, 'Collect key');
    await ada.waitForMessage('Keysmith', API_KEY_PATTERN);
    expect(liveKeyIds(workspace)).toHaveLength(1);
  });

  test('end with a message that says what to do, and the list no longer offers the key', async () => {
    workspace.clock.advance(DAY_MS + 1000);
    await ada.click(offer, 'Collect key');
    await ada.waitForMessage(
      'Keysmith',
      'The 24 hours to collect the key have passed. To get another key, run `/wandb service-account show nightly-eval --team ml-platform` and press *Create key*.',
    );

    await ada.command('ml-platform', '/wandb sa list');
    const list = await ada.waitForMessage('ml-platform', 'nightly-eval');
    expect(visibleText(list)).not.toContain('Collect key');
    expect(sentKeys(workspace)).toHaveLength(1);
    expect(liveKeyIds(workspace)).toEqual([]);
  });

  test('also end for a collection that was in flight at that time and failed', async () => {
    workspace.clock.advance(DAY_MS - 30_000);
    const respond = holdResponse(workspace, 'response_url');
    await ada.click(offer, 'Collect key');
    await expect.poll(() => sentKeys(workspace).length).toBe(2);
    workspace.clock.advance(31_000);
    await useUp(workspace, 5);
    respond();

    await ada.waitForMessage('Keysmith', (message) =>
      /24 hours to collect the key have passed/.test(visibleText(message)),
    );
    expect(workspace.rows('select state from collections')).toEqual([{ state: 'closed' }]);
    expect(liveKeyIds(workspace)).toEqual([]);
    expect(ada.messages('Keysmith').map(visibleText).join()).not.toContain('revoked while');

    await click(ada.id);
    await ada.waitForMessage('Keysmith', 'The 24 hours to collect the key have passed.');
    expect(sentKeys(workspace)).toHaveLength(2);
  });
});

describe('The permission to collect a key', () => {
  test.each(['Ben', 'Cy', 'Dee'])(
    'is refused to %s, who got hold of the button, without revealing anything',
    async (name) => {
      const other = workspace.slack.as(name);
      await click(other.id);
      await other.waitForMessage('Keysmith', 'You don’t have a key to collect here.');

      expect(other.messages('Keysmith').map(visibleText).join()).not.toContain('nightly-eval');
      expect(sentKeys(workspace)).toHaveLength(1);
      expect(workspace.rows('select state from collections')).toEqual([{ state: 'open' }]);
      const [event] = (await workspace.audit()).slice(-1);
      expect(event).toMatchObject({
        action: 'api_key.collection_refused',
        actor: { slackUserId: other.id },
        details: { reason: 'collection_unknown' },
      });
    },
  );

  test('is refused with the same text for a collection that never existed', async () => {
    await click(ada.id, 'col_00000000000000');
    await ada.waitForMessage('Keysmith', 'You don’t have a key to collect here.');
    expect((await lastEvents(workspace, 1))[0]).toEqual({ action: 'api_key.collection_refused' });
  });

  test.each([
    ['became a member', 'member', 'Only admins of `ml-platform` can do this. Ask ', 'not_admin'],
    ['left the team', undefined, 'You don’t have a key to collect here.', 'team_unknown'],
  ] as const)('is refused and recorded when the person %s meanwhile', async (_, role, text, reason) => {
    await workspace.restartKeysmith({ organization: organizationWith(role) });
    await ada.click(offer, 'Collect key');
    await ada.waitForMessage('Keysmith', text);

    expect(sentKeys(workspace)).toHaveLength(1);
    expect(liveKeyIds(workspace)).toEqual([]);
    expect((await workspace.audit()).at(-1)).toMatchObject({
      action: 'api_key.collection_refused',
      actor: { slackUserId: ada.id },
      details: { reason },
    });
  });

  test('is refused to a person who became a guest, and works again once they are not', async () => {
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

  test('can’t be checked while users.info fails, so nothing is created and the collection stays open', async () => {
    workspace.slack.failures.set('users.info', { kind: 'status', status: 500 }, { times: 1 });
    await ada.click(offer, 'Collect key');
    await ada.waitForMessage('Keysmith', 'Nothing was changed: Slack couldn’t confirm who you are.');
    expect(sentKeys(workspace)).toHaveLength(1);

    await ada.click(offer, 'Collect key');
    await ada.waitForMessage('Keysmith', API_KEY_PATTERN);
  });
});

/** Sends a click with any collection ID as any person, as a forged request would. */
async function click(slackUserId: string, value = collectionId(workspace)): Promise<void> {
  const before = requestsToSlack(workspace).length;
  const response = await workspace.slack.deliver(
    {
      payload: {
        type: 'block_actions',
        container: { type: 'message', message_ts: offer.ts },
        actions: [{ type: 'button', action_id: 'collect_key', block_id: 'collect', value }],
      },
    },
    { as: slackUserId },
  );
  expect(response).toMatchObject({ kind: 'responded', status: 200 });
  await expect.poll(() => requestsToSlack(workspace).length).toBeGreaterThan(before);
}
