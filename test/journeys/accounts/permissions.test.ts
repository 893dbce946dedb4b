import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { DesiredTeam } from '../../../src/domain/organization/organization-changes.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { ADA, acmeWith, BEN, CY, DEE } from '../../slack/acme-people.ts';
import { ask, markupOf } from '../../slack/ask.ts';
import { createAccount, openForm } from '../../world/new-account-form.ts';
import { BACKENDS, type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';

const member = (name: string, role: 'admin' | 'member' | 'view-only') => ({
  email: `${name}@acme.test`,
  username: name,
  role,
});
const team = (name: string, ...members: DesiredTeam['members']): DesiredTeam => ({
  name,
  members,
  subjects: [],
  projects: [],
});
const EVE = 'U0EVE00005';
const VIC = 'U0VIC00006';

/** Eve is an admin of research and Vic views it; zoe, an admin of ml-platform, has no Slack account. */
const organization = {
  admins: ['cy@acme.test'],
  teams: [
    team('ml-platform', member('ada', 'admin'), member('ben', 'member'), member('zoe', 'admin')),
    team('research', member('eve', 'admin'), member('ada', 'member'), member('vic', 'view-only')),
    team('ops', member('eve', 'admin'), member('ben', 'member')),
  ],
};
const seed = acmeWith([
  { id: EVE, name: 'eve', email: 'eve@acme.test' },
  { id: VIC, name: 'vic', email: 'vic@acme.test' },
]);

const COMMANDS = [
  ['new', 'service_account.create_refused'],
  ['list', 'service_account.list_refused'],
  ['revoke nightly-eval', 'service_account.revoke_refused'],
] as const;

let workspace: RunningWorkspace;
const refusals = async () =>
  (await workspace.audit())
    .filter(({ action }) => action.endsWith('_refused'))
    .map(({ subject: _, ...rest }) => rest);
const accounts = () => workspace.rows('select name from service_accounts');

describe.each(BACKENDS)('With the %s backend', (backend) => {
  describe('A refusal says why and whom to ask, and is recorded:', () => {
    beforeAll(async () => {
      workspace = await startWorkspace({ backend, seed, organization });
    });
    afterEach(() => expect(accounts()).toEqual([]));
    afterAll(() => workspace.stop());

    test.each(COMMANDS.filter(([verb]) => verb.startsWith('revoke')))(
      'to a member for “%s”, naming the admins of each team, as mentions where Slack knows them',
      async (verb, action) => {
        const ben = workspace.slack.as('Ben');
        const before = (await refusals()).length;

        const message = await ask(ben, 'random', `/wandb sa ${verb}`);

        const text = visibleText(message);
        expect(message.ephemeral).toBe(true);
        expect(text).toContain('you aren’t an admin of any of your teams');
        expect(text).toContain(`• \`ml-platform\`: <@${ADA}> or zoe`);
        expect(text).toContain(`• \`ops\`: <@${EVE}>`);
        expect(text).toContain('they haven’t been notified');
        expect(text).not.toContain('research');
        expect(text).not.toContain('@acme.test');
        expect(text).toMatch(/Reference ks_[0-9A-Za-z]{14}/);
        expect(ben.view()).toBeUndefined();
        expect((await refusals()).slice(before)).toEqual([
          {
            action,
            actor: { type: 'person', slackUserId: BEN, email: 'ben@acme.test' },
            details: { reason: 'not_admin' },
          },
        ]);
      },
    );

    test('without sending anything to the admins', async () => {
      for (const name of ['Ada', 'Eve', 'Cy']) {
        const person = workspace.slack.as(name);
        for (const { id } of person.conversations()) expect(person.messages(id)).toEqual([]);
      }
    });

    test.each(['ml-platform', 'random', 'ml-secrets', 'ada'])(
      'to a member in %s, as an ephemeral message in that conversation',
      async (conversation) => {
        const ben = workspace.slack.as('Ben');
        const before = (await refusals()).length;

        const message = await ask(ben, conversation, '/wandb service-account revoke nightly-eval');

        expect(message.ephemeral).toBe(true);
        expect(visibleText(message)).toContain(`<@${ADA}>`);
        expect(await refusals()).toHaveLength(before + 1);
      },
    );

    test.each(['Ben', 'Vic'])(
      'not to %s, who isn’t an admin, for a list, which they may see',
      async (name) => {
        const before = (await refusals()).length;

        const list = await ask(workspace.slack.as(name), 'random', '/wandb sa list');

        expect(visibleText(list)).toContain(
          'Your teams have no service accounts yet. A team admin can create one.',
        );
        expect(await refusals()).toHaveLength(before);
      },
    );

    test('to a view-only member, who can’t request an account either', async () => {
      const message = await ask(workspace.slack.as('Vic'), 'random', '/wandb sa new');

      expect(visibleText(message)).toContain('You can only view `research`');
      expect(visibleText(message)).toContain(
        `Ask <@${EVE}> to make you a member or to create the account (they haven’t been notified).`,
      );
    });

    test.each(COMMANDS)(
      'to a person without a team for “%s”, saying how to join one and whom to ask',
      async (verb, action) => {
        const dee = workspace.slack.as('Dee');
        const before = (await refusals()).length;

        const message = await ask(dee, 'random', `/wandb sa ${verb}`);

        expect(message.ephemeral).toBe(true);
        expect(visibleText(message)).toContain(
          backend === 'builtin' ? 'to add you to a team.' : 'to add you in W&B.',
        );
        expect(visibleText(message)).toContain(`<@${CY}>`);
        expect((await refusals()).slice(before)).toEqual([
          {
            action,
            actor: { type: 'person', slackUserId: DEE, email: 'dee@acme.test' },
            details: { reason: 'no_team' },
          },
        ]);
      },
    );

    test.each(['new --team', 'list --team', 'revoke nightly-eval --team'])(
      'to an admin of another team for “%s”, with the same text for a foreign team and a missing one',
      async (command) => {
        const eve = workspace.slack.as('Eve');
        const before = (await refusals()).length;

        const [foreign, missing] = [
          await ask(eve, 'random', `/wandb sa ${command} ml-platform`),
          await ask(eve, 'random', `/wandb sa ${command} no-such-team`),
        ];

        const text = (message: typeof foreign, name: string) =>
          visibleText(message)
            .replace(/Reference .*/, '')
            .replace(`named “${name}”`, 'named …');
        expect(text(foreign, 'ml-platform')).toContain('You don’t have a team named …. ');
        expect(text(foreign, 'ml-platform')).toBe(text(missing, 'no-such-team'));
        expect(eve.view()).toBeUndefined();
        const recorded = (await refusals()).slice(before);
        expect(recorded.map(({ details }) => details)).toEqual([
          { reason: 'team_unknown' },
          { reason: 'team_unknown' },
        ]);
      },
    );

    test('to an admin of one team who is a member of another, naming that team’s admins', async () => {
      const message = await ask(
        workspace.slack.as('Ada'),
        'random',
        '/wandb sa revoke x-eval --team research',
      );

      expect(visibleText(message)).toContain('Only admins of `research` can do this');
      expect(visibleText(message)).toContain(`Ask <@${EVE}> (they haven’t been notified).`);
    });

    test('without rendering the typed team name as markup', async () => {
      const message = await ask(workspace.slack.as('Ada'), 'random', '/wandb sa new --team <!channel>');

      expect(markupOf(message)).not.toContain('channel');
    });
  });

  describe('Permission to create accounts', () => {
    beforeEach(async () => {
      workspace = await startWorkspace({ backend, seed, organization });
    });
    afterEach(() => workspace.stop());

    test('is given to an admin of the team', async () => {
      await createAccount(workspace.slack.as('Ada'), 'random', 'nightly-eval');

      expect(accounts()).toEqual([{ name: 'nightly-eval' }]);
      expect(await refusals()).toEqual([]);
    });

    test('is given to an organization admin in every team, without being a member', async () => {
      const cy = workspace.slack.as('Cy');
      for (const name of ['ml-platform', 'ops', 'research']) {
        await openForm(cy, 'random', `/wandb sa new nightly-eval --team ${name}`);
        expect(await cy.submit()).toEqual({ ok: true });
        await cy.waitForMessage('random', `*Team*\n\`${name}\``);
      }

      expect(
        workspace.rows(
          'select t.name as team, a.created_by_email as by from service_accounts a join teams t on t.id = a.team_id order by 1',
        ),
      ).toEqual([
        { team: 'ml-platform', by: 'cy@acme.test' },
        { team: 'ops', by: 'cy@acme.test' },
        { team: 'research', by: 'cy@acme.test' },
      ]);
      const list = await ask(cy, 'random', '/wandb sa list');
      for (const name of ['ml-platform', 'ops', 'research'])
        expect(visibleText(list)).toContain(`in \`${name}\``);
    });
  });
});
