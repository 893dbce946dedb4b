import { describe, expect, test } from 'vitest';
import { notificationHandler } from '../../../src/application/jobs/notification-jobs.ts';
import type { SlackProfile } from '../../../src/domain/organization/person.ts';
import { memberProfile } from '../../slack-profile.ts';
import { claimOf } from '../../store/contract/jobs.ts';
import {
  abandonment,
  begin,
  gone,
  insertOnServer,
  removal,
} from '../../store/contract/server-accounts/server-account-world.ts';
import {
  ada,
  auditEvent,
  ben,
  cy,
  DESIRED,
  dee,
  federatedAccount,
  insertCollectable,
  insertSending,
  NOW_MS,
  settlement,
  type World,
  withoutTeam,
} from '../../store/contract/world.ts';
import { openSqliteWorld } from '../../store/database/temporary-database.ts';

const PROFILE = memberProfile(ada.slackUserId, ada.email);

/** Queues the notice of a key that expires, for the team's only admin. */
async function queueNotice(world: World, scope: 'team' | 'organization' = 'team', to = ada) {
  const { key } = await insertSending(world, world.mlPlatform, { scope });
  await world.store.settleDelivery(settlement(key.delivery.id, 'accepted'));
  const { keyId } = key.record;
  await world.store.queueExpiryNotice({ keyId, daysBefore: 14, to: [{ email: to.email }], nowMs: NOW_MS });
}

const sendNotice = (meanwhile?: (world: World) => Promise<unknown>, profile: Partial<SlackProfile> = {}) =>
  sendQueued(queueNotice, meanwhile, profile);

/** Sends what was queued, after `meanwhile`. */
async function sendQueued(
  queue: (world: World) => Promise<unknown>,
  meanwhile: (world: World) => Promise<unknown> = async () => {},
  profile: Partial<SlackProfile> = {},
  whileSending: (world: World) => Promise<unknown> = async () => {},
  messages: string[] = [],
) {
  const world = await openSqliteWorld();
  const { store } = world;
  await queue(world);
  const [job] = await store.claimJobs(claimOf({ nowMs: NOW_MS + 15_000 }));
  await meanwhile(world);
  const sentTo: string[] = [];
  const handler = notificationHandler({
    store,
    directory: {
      workspace: { workspaceId: 'T1', enterpriseId: undefined },
      findByEmail: async () => ada.slackUserId,
      profile: async () => ({ ...PROFILE, ...profile }),
    },
    notifications: {
      send: async (slackUserId, { message }) => {
        sentTo.push(slackUserId);
        messages.push(message);
        await whileSending(world);
        return true;
      },
    },
    backend: {
      teamPage: () => undefined,
      teamAccess: (person, name) => store.teamAccess(person.email, name),
    },
    now: () => NOW_MS,
  });
  return { outcome: await handler.run(job as NonNullable<typeof job>), sentTo };
}

test('An admin of a team is notified of a key that expires', async () => {
  expect(await sendNotice()).toEqual({ outcome: 'done', sentTo: [ada.slackUserId] });
});

test.each([
  [
    'are no admin of the team anymore',
    (world: World) =>
      world.store.applyOrganization(
        {
          ...DESIRED,
          teams: DESIRED.teams.map((team) => ({
            ...team,
            members: team.members.map((member) => ({ ...member, role: 'member' as const })),
          })),
        },
        NOW_MS,
      ),
  ],
  [
    'have left the team',
    (world: World) =>
      world.store.applyOrganization(
        { ...DESIRED, teams: DESIRED.teams.map((team) => ({ ...team, members: [] })) },
        NOW_MS,
      ),
  ],
  [
    'had a team that has been archived',
    (world: World) => world.store.applyOrganization(withoutTeam('ml-platform'), NOW_MS),
  ],
])('People who %s learn of no key whose notice was queued for them before', async (_what, meanwhile) => {
  expect(await sendNotice(meanwhile)).toEqual({ outcome: 'done', sentTo: [] });
});

test('Only the organization’s admins are notified of a key of an account for all teams', async () => {
  const ofTeam = await sendQueued((world) => queueNotice(world, 'organization'));
  expect(ofTeam).toEqual({ outcome: 'done', sentTo: [] });
  const ofOrganization = (world: World) => queueNotice(world, 'organization', cy);
  const sent = await sendQueued(ofOrganization, undefined, { email: cy.email });
  expect(sent).toEqual({ outcome: 'done', sentTo: [ada.slackUserId] });
});

test.each<[string, Partial<SlackProfile>]>([
  ['has not confirmed it', { isEmailConfirmed: false }],
  ['is a guest', { isGuest: true }],
  ['is of another workspace', { isStranger: true }],
  ['has another one by now', { email: dee.email }],
])('A Slack user with the address of an admin who %s learns of no key', async (_what, profile) => {
  expect(await sendNotice(undefined, profile)).toEqual({
    outcome: { retry: 'recipient_unknown' },
    sentTo: [],
  });
});

/** Queues the notification of a key to collect. */
const queueCollectable = (world: World) => insertCollectable(world, world.mlPlatform);

test('The person of a collection is notified of it', async () => {
  expect(await sendQueued(queueCollectable)).toEqual({ outcome: 'done', sentTo: [ada.slackUserId] });
});

test.each([
  [
    'the account was revoked',
    async ({ store }: World) => {
      const { accounts } = await store.listAccounts(cy.email, { limit: 1 }, NOW_MS);
      const revoked = auditEvent('service_account.revoked');
      await store.revokeAccount(accounts[0]?.account.id ?? '', NOW_MS, revoked);
    },
  ],
  [
    'it expired',
    async ({ store }: World) => {
      const [collection] = await store.openCollections(ada.slackUserId, NOW_MS);
      await store.expireCollection(collection?.id ?? '', collection?.expiresAtMs ?? 0);
    },
  ],
])(
  'The person of a collection that nobody offered hears that it is over after %s',
  async (_what, meanwhile) => {
    const messages: string[] = [];
    const sent = await sendQueued(queueCollectable, meanwhile, {}, undefined, messages);
    expect(sent).toEqual({ outcome: 'done', sentTo: [ada.slackUserId] });
    expect(messages).toEqual(['key_not_collectable']);
  },
);

test('Nobody is notified of a collection after its team was archived', async () => {
  const archive = (world: World) => world.store.applyOrganization(withoutTeam('ml-platform'), NOW_MS);
  expect(await sendQueued(queueCollectable, archive)).toEqual({ outcome: 'done', sentTo: [] });
});

/** Queues the notification of a revocation on a W&B server. */
async function queueRevocation(world: World) {
  const { account, serverAccountId } = await insertOnServer(world);
  const payload = {
    message: 'account_revoked',
    accountId: account.id,
    to: { slackUserId: ada.slackUserId },
    requestId: null,
  } as const;
  const start = { heldUntilMs: NOW_MS, leaseToken: 'lease_1' };
  await world.store.beginRemoval({ ...removal(account.id), notification: { payload, start } });
  return serverAccountId;
}

test('The notification of a revocation waits until the W&B server has deleted the account', async () => {
  const waiting = await sendQueued(queueRevocation);
  expect(waiting).toEqual({ outcome: { again: NOW_MS + 60 * 60_000 }, sentTo: [] });
  const revoked = await sendQueued(async (world) => {
    await world.store.recordGone(gone(await queueRevocation(world)));
  });
  expect(revoked).toEqual({ outcome: 'done', sentTo: [ada.slackUserId] });
});

test.each([
  ['lasts', false, [ada.slackUserId]],
  ['is over', true, []],
])('An admin is notified of a problem on the W&B server that %s', async (_what, isOver, sentTo) => {
  let serverAccountId = '';
  const queueProblem = async (world: World) => {
    const { server, account } = await begin(world);
    serverAccountId = server.id;
    await world.store.abandonCreation(abandonment(server.id, { newCollection: undefined }));
    const payload = {
      message: 'server_account_problem',
      accountId: account.id,
      serverAccountId,
      problem: 'no_id',
      to: { slackUserId: ada.slackUserId },
      requestId: null,
    } as const;
    await world.store.recordProblem({
      serverAccountId,
      problem: 'no_id',
      notifications: [{ payload, start: { atMs: NOW_MS } }],
      nowMs: NOW_MS,
      auditEvent: auditEvent('server_account.needs_admin'),
    });
  };
  const meanwhile = async ({ store }: World) => {
    if (isOver) await store.recordGone(gone(serverAccountId));
  };
  expect(await sendQueued(queueProblem, meanwhile)).toEqual({ outcome: 'done', sentTo });
});

/** Queues which runs of a revoked account were writing, for its contact. */
async function queueInterruptedRuns({ store, organizationId, mlPlatform }: World) {
  const inserted = federatedAccount(organizationId, mlPlatform, 'repo:acme/web');
  const { account } = inserted;
  await store.insertAccount(inserted);
  const payload = {
    message: 'runs_interrupted',
    accountId: account.id,
    runs: { shown: [{ entity: 'ml-platform', project: 'vision', runId: 'r1' }], total: 1 },
    revokedBy: 'U0CY',
    to: { slackUserId: 'U0CONTACT' },
    requestId: null,
  } as const;
  await store.revokeAccount(account.id, NOW_MS, auditEvent('service_account.revoked'), [
    { payload, start: { atMs: NOW_MS } },
  ]);
}

test.each<[string, string[], Partial<SlackProfile>]>([
  ['is notified as an admin of the team', ['U0CONTACT'], { email: ada.email }],
  ['is notified as a member of the team', ['U0CONTACT'], { email: ben.email }],
  ['is notified as an organization admin', ['U0CONTACT'], { email: cy.email }],
  ['isn’t notified outside the team', [], { email: dee.email }],
  ['isn’t notified without a confirmed address', [], { isEmailConfirmed: false }],
  ['isn’t notified as a guest', [], { isGuest: true }],
])('The contact of a revoked account that was writing runs %s', async (_what, sentTo, profile) => {
  const sent = await sendQueued(queueInterruptedRuns, undefined, profile);
  expect(sent).toEqual({ outcome: 'done', sentTo });
});

const VISION = { teamName: 'vision', kind: 'access_token' } as const;

const sendRejection = (
  meanwhile?: (world: World) => Promise<unknown>,
  profile: Partial<SlackProfile> = { email: cy.email },
  whileSending?: (world: World) => Promise<unknown>,
) =>
  sendQueued(
    ({ store }) =>
      store.recordUpstreamRejection(
        { ...VISION, sinceMs: NOW_MS, teamKeyId: undefined },
        auditEvent('upstream_credential.rejected'),
      ),
    meanwhile,
    profile,
    whileSending,
  );

test('An admin of the organization is notified of a credential that W&B rejects', async () => {
  expect(await sendRejection()).toEqual({ outcome: 'done', sentTo: [ada.slackUserId] });
  expect(await sendRejection(undefined, { isEmailConfirmed: false })).toEqual({
    outcome: { retry: 'recipient_unknown' },
    sentTo: [],
  });
});

test.each([
  [
    'the credential works again',
    ({ store }: World) => store.recordUpstreamRecovery(VISION, auditEvent('upstream_credential.recovered')),
  ],
  [
    'a stored key is used instead',
    ({ store }: World) =>
      store.saveTeamKey(
        { id: 'upc_1', teamName: 'vision', sealed: 'x', owner: 'svc', isWider: false, storedAtMs: NOW_MS },
        () => auditEvent('upstream_credential.added'),
      ),
  ],
  [
    'the person administers the organization no longer',
    ({ store }: World) => store.applyOrganization({ ...DESIRED, admins: [dee.email] }, NOW_MS),
  ],
])('Nobody is notified of a rejected credential once %s', async (_what, meanwhile) => {
  expect(await sendRejection(meanwhile)).toEqual({ outcome: 'done', sentTo: [] });
});

test.each([
  ['ml-platform', { retry: 'more_teams_rejected' }],
  ['vision', 'done'],
])(
  'A message about identity tokens is sent again if W&B rejected that of %s meanwhile: %o',
  async (teamName, outcome) => {
    const sent = await sendRejection(undefined, undefined, ({ store }) =>
      store.recordUpstreamRejection(
        { teamName, kind: 'access_token', sinceMs: NOW_MS, teamKeyId: undefined },
        auditEvent('upstream_credential.rejected'),
      ),
    );
    expect(sent).toEqual({ outcome, sentTo: [ada.slackUserId] });
  },
);

describe('A person who became the contact of an account', () => {
  let assigned: { id: string; contact: string; purpose: string | undefined; usedBy: string | undefined };
  const edit = (world: World, before: string, after: string, notifies = false) =>
    world.store.editAccount({
      accountId: assigned.id,
      before: { purpose: assigned.purpose, usedBy: assigned.usedBy, contact: before },
      after: { purpose: assigned.purpose, usedBy: assigned.usedBy, contact: after },
      nowMs: NOW_MS,
      auditEvent: auditEvent('service_account.edited'),
      notifications: notifies
        ? [
            {
              payload: {
                message: 'contact_assigned',
                accountId: assigned.id,
                assignedBy: cy.slackUserId,
                to: { slackUserId: after },
                requestId: null,
              },
              start: { atMs: NOW_MS },
            },
          ]
        : [],
    });
  const queue = async (world: World) => {
    const { account, key } = await insertSending(world, world.mlPlatform);
    await world.store.settleDelivery(settlement(key.delivery.id, 'accepted'));
    assigned = account;
    await edit(world, assigned.contact, ada.slackUserId, true);
  };

  test('is notified once of the account', async () => {
    expect(await sendQueued(queue)).toEqual({ outcome: 'done', sentTo: [ada.slackUserId] });
  });

  test.each([
    ['someone else is the contact by now', (world: World) => edit(world, ada.slackUserId, ben.slackUserId)],
    [
      'the account has ended',
      (world: World) => world.store.revokeAccount(assigned.id, NOW_MS, auditEvent('service_account.revoked')),
    ],
  ])('isn’t notified if %s', async (_what, meanwhile) => {
    expect(await sendQueued(queue, meanwhile)).toEqual({ outcome: 'done', sentTo: [] });
  });
});
