import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { CY } from '../../slack/acme-people.ts';
import { ask } from '../../slack/ask.ts';
import { createAccount, keyIn, openForm } from '../../world/new-account-form.ts';
import { type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';
import { chooseMethod, endAccount, fillFederated, taggedName } from '../steps.ts';

let workspace: RunningWorkspace;
let cy: SlackPerson;
/** Cy is an organization admin without a team, and so is the owner of Keysmith's key. */
beforeEach(async () => {
  workspace = await startWorkspace({ backend: 'wandb', wandb: { caller: 'organization_admin' } });
  cy = workspace.slack.as('Cy');
});
afterEach(() => workspace.stop());

const onServer = (team: string) => workspace.wandb.team(team).serviceAccounts();
/** Returns the teams that a search in the open form offers. */
async function offered(query: string): Promise<string[]> {
  const { options, error } = await cy.options('team', query);
  expect(error).toBeUndefined();
  return options.map(({ value }) => value);
}

describe('An organization admin, when no team is known yet,', () => {
  test.each(['new nightly-eval', 'list', 'revoke nightly-eval'])(
    'is asked to name the team for “%s”, which is recorded',
    async (command) => {
      const text = visibleText(await ask(cy, 'random', `/wandb sa ${command}`));

      expect(text).toContain(
        'Name the team with `--team`, for example `/wandb service-account new --team NAME`.',
      );
      expect(cy.view()?.submit).toBeUndefined();
      expect((await workspace.audit()).filter(({ action }) => action.endsWith('_refused'))).toMatchObject([
        { actor: { slackUserId: CY }, details: { reason: 'team_not_named' } },
      ]);
    },
  );

  test('creates, lists and deletes the accounts of a named team', async () => {
    await openForm(cy, 'random', '/wandb sa new nightly-eval --team research');
    expect(cy.values()).toMatchObject({ team: 'research' });
    await cy.submit();
    await cy.waitForMessage('random', (message) => !!keyIn(message));
    expect(onServer('research')).toMatchObject([{ name: expect.stringMatching(taggedName('nightly-eval')) }]);

    workspace.wandb.team('ml-platform').createServiceAccount('by-hand');
    const other = visibleText(await ask(cy, 'random', '/wandb sa list --team ml-platform'));
    expect(other).toContain('`by-hand` in `ml-platform`');
    expect(other).not.toContain('research');
    expect(await endAccount(cy, 'random', '/wandb sa revoke nightly-eval --team research')).toContain(
      'Deleted `nightly-eval` in `research` from W&B.',
    );
    expect(onServer('research')).toEqual([]);
  });

  test('keeps the named team in the form when switching the method', async () => {
    await openForm(cy, 'random', '/wandb sa new nightly-eval --team research');
    await fillFederated(cy);
    await chooseMethod(cy, 'api_key');
    await chooseMethod(cy, 'federated');
    expect(cy.values()).toMatchObject({ team: 'research', subject: 'repo:acme/eval' });
    await cy.submit();

    await cy.waitForMessage('random', 'Federated account `nightly-eval`');
  });

  test('can’t choose a team that the server doesn’t have', async () => {
    const text = visibleText(await ask(cy, 'random', '/wandb sa new --team no-such-team'));

    expect(text).toContain('You don’t have a team');
    expect(cy.view()?.submit).toBeUndefined();
  });
});

describe('An organization admin, once Keysmith has created an account in a team,', () => {
  beforeEach(async () => {
    await createAccount(workspace.slack.as('Ada'), 'random', 'nightly-eval');
  });

  test('is offered that team and finds any other by its full name', async () => {
    await openForm(cy, 'random', '/wandb sa new paper-figures');
    expect(cy.values()).toMatchObject({ team: 'ml-platform' });
    const team = cy.view()?.blocks.find(({ block_id }) => block_id === 'team');
    expect(JSON.stringify(team)).toContain('Not listed? Type the team’s full name.');

    expect(await offered('')).toEqual(['ml-platform']);
    expect(await offered('resear')).toEqual([]);
    expect(await offered('Research ')).toEqual(['research']);
    await cy.fill('team', 'research');
    await cy.submit();
    await cy.waitForMessage('random', 'WANDB_ENTITY=research');
    await openForm(cy, 'random', '/wandb sa new more-figures');
    expect(await offered('')).toEqual(['ml-platform', 'research']);
  });

  test('sees the accounts of that team after a restart, but no team that the server no longer has', async () => {
    await workspace.restartKeysmith();
    expect(visibleText(await ask(cy, 'random', '/wandb sa list'))).toContain(
      '*`nightly-eval`* in `ml-platform`',
    );

    workspace.wandb.failures.set('entity', { kind: 'null' });
    workspace.clock.advance(2 * 60_000);
    expect(visibleText(await ask(cy, 'random', '/wandb sa list'))).toContain('Name the team with ');
  });

  test('is the only one to see it: a person without a team still learns whom to ask', async () => {
    const text = visibleText(await ask(workspace.slack.as('Dee'), 'random', '/wandb sa new'));

    expect(text).toContain('to add you in W&B');
    expect(text).not.toContain('ml-platform');
  });
});
