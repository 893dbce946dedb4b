import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DesiredTeam } from '../../../src/domain/organization/organization-changes.ts';
import type { PersonSeed } from '../../../src/sandbox/slack/workspace/workspace-seed.ts';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { createAccount, keyIn, openForm } from '../../world/new-account-form.ts';
import { type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';
import { ADA } from '../acme-people.ts';
import { ask } from '../ask.ts';

let workspace: RunningWorkspace;
let ada: SlackPerson;
beforeEach(async () => {
  workspace = await startWorkspace();
  ada = workspace.slack.as('Ada');
});
afterEach(() => workspace.stop());

const team = (
  name: string,
  members: Record<string, DesiredTeam['members'][number]['role']>,
): DesiredTeam => ({
  name,
  members: Object.entries(members).map(([username, role]) => ({
    email: `${username}@acme.test`,
    username,
    role,
  })),
  subjects: [],
  projects: [],
});
const applying = (...teams: DesiredTeam[]) =>
  workspace.restartKeysmith({ organization: { name: 'acme', admins: ['cy@acme.test'], issuers: [], teams } });

const accounts = () => workspace.rows('select name from service_accounts');
const lastRefusal = async () =>
  (await workspace.audit()).findLast(({ action }) => action.endsWith('_refused'));
const viewText = () => {
  const view = ada.view();
  return view ? visibleText(view) : '';
};

describe('A submission after the form opened', () => {
  const openFilledIn = async () => {
    await openForm(ada, 'random');
    await ada.fill('name', 'nightly-eval');
  };
  const expectNothingCreated = async (text: string) => {
    expect(await ada.submit()).toEqual({ ok: true });
    expect(viewText()).toContain(text);
    expect(viewText()).toMatch(/Reference ks_/);
    expect(ada.view()?.submit).toBeUndefined();
    expect(accounts()).toEqual([]);
    expect(workspace.rows('select * from api_keys')).toEqual([]);
    expect(workspace.rows('select * from deliveries')).toEqual([]);
  };
  const expectRefused = async (text: string, reason: string) => {
    await expectNothingCreated(text);
    expect(await lastRefusal()).toMatchObject({
      action: 'service_account.create_refused',
      actor: { slackUserId: ADA },
      details: { reason, team: 'ml-platform' },
    });
  };

  test('creates nothing and becomes a request when the person lost the admin role', async () => {
    await openFilledIn();
    await applying(team('ml-platform', { ada: 'member', ben: 'admin' }), team('vision', { ada: 'admin' }));

    expect(await ada.submit()).toEqual({ ok: true });
    expect((await ada.waitForView('Nothing was created')).submit).toBe('Request');
    expect(ada.values()).toMatchObject({ name: 'nightly-eval', team: 'ml-platform' });
    expect(accounts()).toEqual([]);
    expect(await lastRefusal()).toMatchObject({ details: { reason: 'not_admin', team: 'ml-platform' } });
  });

  test('is refused when the person left the team', async () => {
    await openFilledIn();
    await applying(team('ml-platform', { ben: 'admin' }));

    await expectRefused('You don’t have a team', 'team_unknown');
  });

  test('is refused when the team was archived', async () => {
    await openFilledIn();
    await applying(team('vision', { ada: 'admin' }));

    await expectRefused('You don’t have a team', 'team_unknown');
  });

  test.each<[string, Partial<PersonSeed>, string]>([
    ['guest', { guest: 'multi_channel' }, 'Guests of this workspace'],
    ['deactivated', { deactivated: true }, 'This Slack account is deactivated'],
    ['email_unconfirmed', { emailConfirmed: false }, 'isn’t confirmed'],
  ])('is refused when the Slack profile changed: %s', async (reason, change, text) => {
    await openFilledIn();
    workspace.slack.changePerson('Ada', change);

    await expectNothingCreated(text);
    // A caller who is no longer a full member is only logged.
    expect(await lastRefusal()).toBeUndefined();
    expect(workspace.logs()).toContain(`"reason":"${reason}"`);
  });

  test('is refused when the person’s email address changed', async () => {
    await openFilledIn();
    workspace.slack.changePerson('Ada', { email: 'other@acme.test' });

    await expectRefused('You don’t have a team', 'team_unknown');
  });

  test('becomes a request as soon as the method changes when the person lost the admin role', async () => {
    await openFilledIn();
    await applying(team('ml-platform', { ada: 'member', ben: 'admin' }));

    await ada.fill('method', 'federated');
    const view = await ada.waitForView('Reason');

    expect(view.submit).toBe('Request');
  });

  test('still creates the account when Keysmith restarted', async () => {
    await openFilledIn();
    await workspace.restartKeysmith();

    expect(await ada.submit()).toEqual({ ok: true });
    await ada.waitForMessage('random', (message) => !!keyIn(message));
    expect(accounts()).toEqual([{ name: 'nightly-eval' }]);
  });
});

test('A click on Revoke is refused when the person lost the admin role after the list was shown', async () => {
  await createAccount(ada, 'random', 'nightly-eval');
  const list = await ask(ada, 'random', '/wandb sa list');
  await applying(team('ml-platform', { ada: 'member', ben: 'admin' }));

  await ada.click(list, 'Revoke');
  await ada.waitForMessage('random', 'Nothing was revoked. Only admins of `ml-platform`');

  expect(workspace.rows('select revoked_at_ms from api_keys')).toEqual([{ revoked_at_ms: null }]);
  expect(await workspace.audit()).toContainEqual(
    expect.objectContaining({
      action: 'service_account.revoke_refused',
      actor: { type: 'person', slackUserId: ADA, email: 'ada@acme.test' },
      details: { reason: 'not_admin' },
    }),
  );
});
