import { describe, expect, test } from 'vitest';
import { notificationHandler } from '../../../src/application/jobs/notification-jobs.ts';
import { reminderHandler } from '../../../src/application/outside-changes/reminders.ts';
import type { Ports } from '../../../src/application/ports/account-ports.ts';
import type { ClaimedJob } from '../../../src/application/ports/job-store.ts';
import type { DueNotification, Reminder } from '../../../src/application/ports/notifications.ts';
import { digestWindow } from '../../../src/domain/accounts/outside-change.ts';
import type { Role } from '../../../src/domain/organization/team.ts';
import { memberProfile } from '../../slack-profile.ts';
import {
  ada,
  auditEvent,
  ben,
  cy,
  dee,
  draw,
  keyAccount,
  NOW_MS,
  type World,
} from '../../store/contract/world.ts';
import { openSqliteWorld } from '../../store/database/temporary-database.ts';

const TEAM = 'ml-platform';
const PEOPLE = [ada, ben, cy];

/** Runs a reminder, then its notifications. `roles`: at the moment of each. */
async function remind(
  prepare: (world: World) => Promise<Reminder>,
  {
    admins = [ada, ben],
    rolesLater = {} as Record<string, Role>,
    inSlack = PEOPLE,
    limited = [] as (typeof ada)[],
  } = {},
) {
  const world = await openSqliteWorld();
  const { store, mlPlatform: team } = world;
  const reminder = await prepare(world);
  const sent: { to: string; notification: DueNotification }[] = [];
  const ports = {
    store,
    now: () => NOW_MS,
    backend: {
      teamPage: () => 'https://wandb.acme.test/ml-platform/service-accounts',
      organizationAdmins: async () => [cy.email],
      teamAdmins: async () => admins.map(({ email }) => ({ email, username: email, role: 'admin' })),
      teamAccess: async ({ email }: { email: string }) => ({
        team,
        role: rolesLater[email] ?? (email === cy.email ? undefined : 'admin'),
        isOrganizationAdmin: email === cy.email,
      }),
    },
    directory: {
      workspace: { workspaceId: 'T1', enterpriseId: undefined },
      findByEmail: async (email: string) => {
        if (limited.some((one) => one.email === email)) throw new Error('limited');
        return inSlack.find((one) => one.email === email)?.slackUserId;
      },
      profile: async (slackUserId: string) =>
        memberProfile(slackUserId, PEOPLE.find((one) => one.slackUserId === slackUserId)?.email),
    },
    notifications: {
      send: async (to: string, notification: DueNotification) => {
        sent.push({ to, notification });
        return true;
      },
    },
  } as unknown as Ports;
  const job = { id: draw('job'), leaseToken: 'x', kind: 'reminder', subject: '', attempts: 1 } as const;
  const result = await reminderHandler(ports).run({ ...job, payload: reminder });
  const claim = { nowMs: NOW_MS, limit: 9, except: [], longestDelayMs: undefined } as const;
  const due = await store.claimJobs({ kind: 'notification', ...claim });
  for (const one of due) await notificationHandler(ports).run(one as ClaimedJob<'notification'>);
  return { result, queued: due.length, sent, to: sent.map(({ to }) => to).sort() };
}

async function withChange({ store }: World): Promise<Reminder> {
  await store.startAuditLog(NOW_MS);
  const change = {
    entryId: 'entry',
    teamName: TEAM,
    kind: 'account_created',
    atMs: NOW_MS,
    actor: undefined,
    userId: undefined,
    subject: 'ingest',
  } as const;
  await store.recordLogPage({
    page: { changes: [change], keyEvents: [], newestAtMs: NOW_MS },
    position: { day: '2026-01-15' },
    nowMs: NOW_MS,
    eventOf: () => auditEvent('outside_change.recorded'),
  });
  return { message: 'team_changes', teamName: TEAM, sinceMs: digestWindow(NOW_MS).sinceMs };
}

async function withAdopted(
  { store, organizationId, mlPlatform }: World,
  contact = cy,
  scope: 'team' | 'organization' = 'team',
): Promise<Reminder> {
  const { account } = keyAccount(organizationId, mlPlatform, { contact: contact.slackUserId, scope });
  const server = { id: draw('srv'), name: 'ingest', memberId: draw('member'), clientId: undefined };
  await store.adoptAccount({
    account,
    submissionId: draw('sub'),
    server,
    reviewAtMs: NOW_MS,
    nowMs: NOW_MS,
    auditEvent: auditEvent('service_account.adopted'),
  });
  return { message: 'review_due', accountId: account.id };
}

describe('The digest of a team’s changes', () => {
  test('goes to each admin of the team, with the changes of that day', async () => {
    const { result, to, sent } = await remind(withChange);
    expect([result, to]).toEqual(['done', [ada.slackUserId, ben.slackUserId]]);
    expect(sent[0]?.notification).toMatchObject({
      message: 'team_changes',
      more: 0,
      changes: [{ subject: 'ingest' }],
    });
  });

  test('isn’t sent without changes, nor to an admin who lost the role meanwhile', async () => {
    const { sinceMs } = digestWindow(NOW_MS);
    const empty = await remind(async () => ({ message: 'team_changes', teamName: TEAM, sinceMs }));
    expect([empty.queued, empty.to]).toEqual([2, []]);
    const demoted = await remind(withChange, { rolesLater: { [ben.email]: 'member' } });
    expect(demoted.to).toEqual([ada.slackUserId]);
  });

  test('is sent when all changes of the day were only counted', async () => {
    const { sent } = await remind(async (world) => {
      const reminder = await withChange(world);
      const { store } = world;
      const laterMs = NOW_MS + 22 * 60 * 60_000;
      const changes = Array.from({ length: 60 }, (_, index) => ({
        entryId: `entry_${index}`,
        teamName: TEAM,
        kind: 'key_created' as const,
        atMs: NOW_MS + 1000 + index,
        actor: undefined,
        userId: undefined,
        subject: 'ingest',
      }));
      const record = (some: typeof changes, nowMs: number) =>
        store.recordLogPage({
          page: { changes: some, keyEvents: [], newestAtMs: some.at(-1)?.atMs },
          position: { day: '2026-01-15' },
          nowMs,
          eventOf: () => auditEvent('outside_change.recorded'),
        });
      await record(changes.slice(0, 49), NOW_MS);
      await record(changes.slice(49), laterMs);
      return { ...reminder, sinceMs: digestWindow(laterMs).sinceMs } as Reminder;
    });
    expect(sent.map(({ notification }) => notification)).toMatchObject(
      Array(2).fill({ message: 'team_changes', changes: [], more: 11 }),
    );
  });

  test('isn’t queued for admins whom Slack doesn’t know', async () => {
    expect((await remind(withChange, { inSlack: [ada] })).queued).toBe(1);
    expect((await remind(withChange, { inSlack: [] })).queued).toBe(0);
  });

  test('is tried again when Slack doesn’t say whether it knows an admin, as it limits such requests', async () => {
    await expect(remind(withChange, { limited: [ben] })).rejects.toThrow('limited');
  });
});

describe('The review of an adopted account', () => {
  test('is announced to its contact and the team’s admins, once to a contact who is one', async () => {
    const all = [ada, ben, cy].map(({ slackUserId }) => slackUserId);
    expect((await remind(withAdopted)).to).toEqual(all);
    expect((await remind((world) => withAdopted(world, ada))).to).toEqual(all.slice(0, 2));
  });

  test('is announced to the organization’s admins where they alone manage the account, or none of the team’s is in Slack', async () => {
    const wide = await remind((world) => withAdopted(world, ben, 'organization'));
    expect(wide.to).toEqual([ben, cy].map(({ slackUserId }) => slackUserId));
    const without = await remind((world) => withAdopted(world, ben), { inSlack: [cy] });
    expect(without.to).toEqual([ben, cy].map(({ slackUserId }) => slackUserId));
  });

  test('is announced to the admins alone if its contact has left', async () => {
    const { to } = await remind((world) => withAdopted(world, dee));
    expect(to).toEqual([ada, ben].map(({ slackUserId }) => slackUserId));
  });

  test('isn’t announced when the account has been deleted', async () => {
    const { queued } = await remind(async (world) => {
      const reminder = await withAdopted(world);
      const accountId = 'accountId' in reminder ? reminder.accountId : '';
      await world.store.revokeAccount(accountId, NOW_MS, auditEvent('service_account.revoked'));
      return reminder;
    });
    expect(queued).toBe(0);
  });
});
