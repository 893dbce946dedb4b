import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { ADA, acmeWith, BEN } from '../../slack/acme-people.ts';
import { ask, markupOf } from '../../slack/ask.ts';
import { createAccount, openForm } from '../../world/new-account-form.ts';
import { BACKENDS, type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';
import { confirmEnd, endAccount, ending, openRevokeForm } from '../steps.ts';

const EVE = 'U0EVE00005';

let workspace: RunningWorkspace;
let ada: SlackPerson;
describe.each(BACKENDS)('With the %s backend', (backend) => {
  beforeEach(async () => {
    workspace = await startWorkspace({
      backend,
      seed: acmeWith([{ id: EVE, name: 'eve', email: 'eve@acme.test' }]),
    });
    ada = workspace.slack.as('Ada');
    await createAccount(ada, 'random', 'nightly-eval');
  });
  afterEach(() => workspace.stop());

  const { past, question: questionText, ended } = ending(backend);

  const states = () =>
    workspace.rows(
      'select t.name as team, a.revoked_at_ms is null as account, k.revoked_at_ms is null as key from service_accounts a join teams t on t.id = a.team_id join api_keys k on k.account_id = a.id order by 1',
    );
  const ACTIVE = [{ team: 'ml-platform', account: 1, key: 1 }];
  const REVOKED = [{ team: 'ml-platform', account: 0, key: 0 }];
  const revocations = async () =>
    (await workspace.audit()).filter(({ action }) => action.startsWith('service_account.revoke'));
  const withoutReference = (text: string) => text.replace(/Reference .*/, '');

  describe('sa revoke NAME', () => {
    test('asks for the name, and revokes the account and its key immediately', async () => {
      const question = await openRevokeForm(ada, 'random', '/wandb sa revoke nightly-eval');
      expect(question).toContain(
        backend === 'builtin'
          ? `\`nightly-eval\` in \`ml-platform\` wasn’t used in the last hour.\n${questionText('nightly-eval')} All its keys will stop working immediately. This can’t be undone.`
          : `${questionText('nightly-eval')} W&B keeps its keys, and they may still work until an admin deletes them there. This can’t be undone.`,
      );
      expect(question).toContain('To confirm, type nightly-eval.');
      expect(states()).toEqual(ACTIVE);
      await ada.fill('name', 'nightly');
      expect(await ada.submit()).toMatchObject({ errors: { name: 'Type the name exactly: nightly-eval' } });
      expect(states()).toEqual(ACTIVE);

      expect(await confirmEnd(ada, ' nightly-eval ')).toContain(ended('nightly-eval'));

      expect(states()).toEqual(REVOKED);
      expect(await revocations()).toMatchObject([
        {
          action: 'service_account.revoked',
          actor: { type: 'person', slackUserId: ADA, email: 'ada@acme.test' },
          details: { team: 'ml-platform', name: 'nightly-eval' },
        },
      ]);
    });

    test('revokes once when the form is submitted twice at the same moment', async () => {
      await openRevokeForm(ada, 'random', '/wandb sa revoke nightly-eval');
      await ada.fill('name', 'nightly-eval');
      await Promise.all([ada.submit(), ada.submit()]);

      await ada.waitForView(({ submit }) => submit === undefined);
      expect(states()).toEqual(REVOKED);
      const revoked = (await revocations()).filter(({ action }) => action === 'service_account.revoked');
      expect(revoked).toHaveLength(1);
    });

    test('revokes nothing if the person is no longer an admin when they submit the form', async () => {
      await openRevokeForm(ada, 'random', '/wandb sa revoke nightly-eval');
      workspace.slack.changePerson('Ada', { deactivated: true });

      expect(await confirmEnd(ada, 'nightly-eval')).toContain('deactivated');
      expect(states()).toEqual(ACTIVE);
    });

    test('sends no direct message about what the form has shown', async () => {
      await endAccount(ada, 'random', '/wandb sa revoke nightly-eval');
      workspace.clock.advance(61_000);
      await workspace.keysmith.settle();

      const reports = ada
        .messages('Keysmith')
        .filter((message) => !visibleText(message).includes('*Delete the keys of'));
      expect(reports).toEqual([]);
    });

    test('changes nothing at Cancel', async () => {
      await openRevokeForm(ada, 'random', '/wandb sa revoke nightly-eval');
      await ada.close();

      expect(states()).toEqual(ACTIVE);
      expect(await revocations()).toEqual([]);
    });

    test('says so when Slack doesn’t open the form', async () => {
      workspace.slack.failures.set('views.open', { kind: 'error', error: 'expired_trigger_id' });
      const message = await ask(ada, 'random', '/wandb sa revoke nightly-eval');

      expect(visibleText(message)).toContain('The form didn’t open, and nothing was changed.');
      expect(states()).toEqual(ACTIVE);
    });

    test.each([
      '/wandb service-account revoke “Nightly–Eval”',
      '/wandb sa revoke NIGHTLY-EVAL --team “ml-platform”',
    ])('accepts %s for the same account', async (line) => {
      expect(await openRevokeForm(ada, 'random', line)).toContain(questionText('nightly-eval'));
      await ada.close();
    });

    test('asks for the team when two of the person’s teams have the name, and takes it from --team', async () => {
      const cy = workspace.slack.as('Cy');
      await openForm(cy, 'random', '/wandb sa new nightly-eval --team research');
      expect(await cy.submit()).toEqual({ ok: true });

      const which = await ask(cy, 'random', '/wandb sa revoke nightly-eval');
      expect(visibleText(which)).toContain(
        'Several of your teams have an account named `nightly-eval`: `ml-platform`, `research`.',
      );
      expect(visibleText(which)).toContain('`/wandb service-account revoke nightly-eval --team NAME`');
      expect(cy.view()?.submit).toBeUndefined();
      expect(await endAccount(cy, 'random', '/wandb sa revoke nightly-eval --team research')).toContain(
        ended('nightly-eval', 'research'),
      );

      expect(states()).toEqual([...ACTIVE, { team: 'research', account: 0, key: 0 }]);
    });

    test.each(['no-such-account', 'Nightly_Eval', '`*<!channel>*`'])(
      'repeats the unknown name %s as typed and points to the list',
      async (name) => {
        const message = await ask(ada, 'random', `/wandb sa revoke ${name}`);

        expect(visibleText(message)).toContain(`None of your teams has an account named “${name}”.`);
        expect(visibleText(message)).toContain('/wandb service-account list');
        expect(markupOf(message)).not.toContain(name);
        expect(states()).toEqual(ACTIVE);
      },
    );

    test.each(['nightly-evl', 'nightyl-eval', 'nightly_eval', 'nightly'])(
      'suggests the nearest account for %s',
      async (name) => {
        const message = await ask(ada, 'random', `/wandb sa revoke ${name}`);

        expect(visibleText(message)).toContain(
          'Did you mean `nightly-eval`? Type `/wandb service-account revoke nightly-eval`.',
        );
        expect(states()).toEqual(ACTIVE);
      },
    );

    test('suggests no account of a team that the person doesn’t manage', async () => {
      const text = visibleText(
        await ask(workspace.slack.as('Eve'), 'random', '/wandb sa revoke nightly-evl'),
      );

      expect(text).not.toContain('Did you mean');
    });

    test('doesn’t know a revoked account', async () => {
      await endAccount(ada, 'random', '/wandb sa revoke nightly-eval');

      const again = await ask(ada, 'random', '/wandb sa revoke nightly-eval');

      expect(visibleText(again)).toContain('None of your teams has an account named “nightly-eval”.');
    });

    test('is refused to a member, and the refusal is recorded', async () => {
      const message = await ask(workspace.slack.as('Ben'), 'random', '/wandb sa revoke nightly-eval');

      expect(visibleText(message)).toContain(`Ask <@${ADA}> (they haven’t been notified).`);
      expect(visibleText(message)).not.toContain('nightly-eval');
      expect(states()).toEqual(ACTIVE);
      expect(await revocations()).toMatchObject([
        {
          action: 'service_account.revoke_refused',
          actor: { slackUserId: BEN },
          details: { reason: 'not_admin' },
        },
      ]);
    });

    test('responds to the admin of another team as if the account didn’t exist', async () => {
      const eve = workspace.slack.as('Eve');
      const [theirs, none] = [
        await ask(eve, 'random', '/wandb sa revoke nightly-eval'),
        await ask(eve, 'random', '/wandb sa revoke weekly-eval'),
      ];

      expect(visibleText(theirs).replace('nightly', 'weekly')).toBe(visibleText(none));
    });
  });

  describe('A forged Revoke button with an account of another team', () => {
    const pressForgedButton = async (person: SlackPerson, accountId: string) => {
      const { slack } = workspace;
      const message = await ask(person, 'random', '/wandb help');
      const before = person.messages('random').length;
      const url = slack.traffic.findLast(({ method }) => method === 'slash_command')?.payload as {
        response_url: string;
      };
      await slack.deliver(
        {
          payload: {
            type: 'block_actions',
            container: {
              type: 'message',
              message_ts: message.ts,
              channel_id: 'C0RANDOM01',
              is_ephemeral: true,
            },
            channel: { id: 'C0RANDOM01' },
            response_url: url.response_url,
            actions: [{ type: 'button', action_id: 'revoke_account', block_id: 'b', value: accountId }],
          },
        },
        { as: person.id },
      );
      const response = () => person.messages('random')[before];
      return withoutReference(visibleText(await person.waitFor('the response to the button', response)));
    };

    test('revokes nothing, responds as for an account that doesn’t exist and is recorded', async () => {
      const [account] = workspace.rows<{ id: string }>('select id from service_accounts');
      const eve = workspace.slack.as('Eve');

      const theirs = await pressForgedButton(eve, account?.id ?? '');
      const none = await pressForgedButton(eve, 'sa_0000000000000000');

      expect(theirs).toContain(`Nothing was ${past}: none of your teams has this account.`);
      expect(theirs).toBe(none);
      expect(states()).toEqual(ACTIVE);
      expect(await revocations()).toMatchObject([
        {
          action: 'service_account.revoke_refused',
          actor: { slackUserId: EVE },
          subject: `service_account:${account?.id}`,
          details: { reason: 'team_unknown' },
        },
        { actor: { slackUserId: EVE }, details: { reason: 'account_unknown' } },
      ]);
    });

    test('revokes nothing when a member of the team presses it', async () => {
      const [account] = workspace.rows<{ id: string }>('select id from service_accounts');

      expect(await pressForgedButton(workspace.slack.as('Ben'), account?.id ?? '')).toContain(
        `Nothing was ${past}. Only admins of \`ml-platform\` can do this`,
      );
      expect(states()).toEqual(ACTIVE);
    });
  });
});
