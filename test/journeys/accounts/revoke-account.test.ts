import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { ADA, acmeWith, BEN } from '../../slack/acme-people.ts';
import { ask, markupOf } from '../../slack/ask.ts';
import { createAccount, openForm } from '../../world/new-account-form.ts';
import { BACKENDS, type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';
import { ending } from '../steps.ts';

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

  const { button, past, question: questionText, ended } = ending(backend);

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
    test('asks once, and Revoke revokes the account and its key immediately', async () => {
      const question = await ask(ada, 'random', '/wandb sa revoke nightly-eval');
      expect(question.ephemeral).toBe(true);
      expect(visibleText(question)).toContain(
        backend === 'builtin'
          ? `${questionText('nightly-eval')} Its key will stop working immediately. This can’t be undone.`
          : `${questionText('nightly-eval')} W&B keeps its keys, and they may still work until an admin deletes them there. This can’t be undone.`,
      );
      expect(states()).toEqual(ACTIVE);

      const { confirm } = await ada.click(question, button);
      const outcome = await ada.waitForMessage('random', ended('nightly-eval'));

      // The message itself asks, so no dialog does.
      expect(confirm).toBeUndefined();
      expect(outcome.ts).toBe(question.ts);
      expect(visibleText(outcome)).not.toContain('Keep');
      expect(states()).toEqual(REVOKED);
      expect(await revocations()).toMatchObject([
        {
          action: 'service_account.revoked',
          actor: { type: 'person', slackUserId: ADA, email: 'ada@acme.test' },
          details: { team: 'ml-platform', name: 'nightly-eval' },
        },
      ]);
    });

    test('is followed by one direct message when Slack accepts none at first, and by none otherwise', async () => {
      const question = await ask(ada, 'random', '/wandb sa revoke nightly-eval');
      workspace.slack.failures.set('response_url', { kind: 'status', status: 500 }, { times: 1 });
      workspace.slack.failures.set('chat.postEphemeral', { kind: 'status', status: 500 }, { times: 1 });
      workspace.slack.failures.set('chat.postMessage', { kind: 'status', status: 500 }, { times: 2 });
      await ada.click(question, button);
      const unfinished = () =>
        workspace.rows(
          // The reminder of the keys that W&B keeps has tests of its own.
          "select lease_token is null as released from jobs where finished_at_ms is null and kind <> 'reminder' and subject not like 'keys_to_delete:%'",
        );
      const reports = () =>
        ada.messages('Keysmith').filter((message) => !visibleText(message).includes('*Delete the keys of'));
      await expect.poll(unfinished, { timeout: 10_000 }).toEqual([{ released: 1 }]);
      await workspace.keysmith.settle();
      await ada.waitForMessage('Keysmith', ended('nightly-eval'));
      expect(unfinished()).toEqual([]);

      await createAccount(ada, 'random', 'weekly-eval');
      await ada.click(await ask(ada, 'random', '/wandb sa revoke weekly-eval'), button);
      await ada.waitForMessage('random', ended('weekly-eval'));
      await expect.poll(unfinished, { timeout: 10_000 }).toEqual([]);
      workspace.clock.advance(61_000);
      await workspace.keysmith.settle();
      expect(reports()).toHaveLength(1);
    });

    test('removes the question at Keep and changes nothing', async () => {
      const question = await ask(ada, 'random', '/wandb sa revoke nightly-eval');

      await ada.click(question, 'Keep');
      await ada.waitFor('the question to go', () =>
        ada.messages('random').every(({ ts }) => ts !== question.ts) ? true : undefined,
      );

      expect(states()).toEqual(ACTIVE);
      expect(await revocations()).toEqual([]);
    });

    test.each([
      '/wandb service-account revoke “Nightly–Eval”',
      '/wandb sa revoke NIGHTLY-EVAL --team “ml-platform”',
    ])('accepts %s for the same account', async (line) => {
      expect(visibleText(await ask(ada, 'random', line))).toContain(questionText('nightly-eval'));
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
      expect(visibleText(which)).not.toContain('Keep');
      await cy.click(await ask(cy, 'random', '/wandb sa revoke nightly-eval --team research'), button);
      await cy.waitForMessage('random', ended('nightly-eval', 'research'));

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
      await ada.click(await ask(ada, 'random', '/wandb sa revoke nightly-eval'), button);
      await ada.waitForMessage('random', ended('nightly-eval'));

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
