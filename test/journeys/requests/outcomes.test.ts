import { afterEach, describe, expect, test } from 'vitest';
import { createKeyButton } from '../../../src/slack/messages/keys/key-buttons.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { acmeTeams } from '../../world/acme-teams.ts';
import { keyIn } from '../../world/new-account-form.ts';
import { BACKENDS, type RunningWorkspace } from '../../world/running-workspace.ts';
import { postButtons } from '../keys/post-buttons.ts';
import {
  cardOf,
  cardSays,
  DAY_MS,
  forge,
  requestFederated,
  requestKey,
  says,
  settleAfter,
  startWithPolicy,
} from './request-world.ts';

let workspace: RunningWorkspace;
afterEach(() => workspace.stop());

const as = (name: string) => workspace.slack.as(name);
const stateOf = (name: string) =>
  workspace.rows<{ state: string }>('select state from service_accounts where name = ?', name).at(-1)?.state;

describe.each(BACKENDS)('With the backend %s', (backend) => {
  test('an approved key that isn’t collected within 24 hours ends with its account', async () => {
    workspace = await startWithPolicy(backend, { policy: { approvers: ['organization_admins'] } });
    const [ada, ben, cy] = [as('Ada'), as('Ben'), as('Cy')];
    await requestKey(ben, 'nightly-eval');
    await workspace.keysmith.settle();
    const card = await cardOf(cy, 'nightly-eval');
    // An admin of the team, who may not approve by its policy.
    await forge(workspace, ada, card, 'request_approve');
    await ada.waitForMessage('Keysmith', (message) =>
      says(
        message,
        `Only approvers of \`ml-platform\` can decide on its requests. Ask <@${cy.id}>. This is the team’s policy. An organization admin can change it.`,
      ),
    );
    expect(stateOf('nightly-eval')).toBeUndefined();
    await cy.click(card, 'Approve');
    const offer = await ben.waitForMessage('Keysmith', (message) => says(message, 'approved your request'));
    expect(stateOf('nightly-eval')).toBe('active');

    for (let round = 0; round < 3; round += 1) await settleAfter(workspace, DAY_MS);
    await ben.waitForMessage('Keysmith', (message) => says(message, 'nightly-eval', 'wasn’t collected'));
    expect(stateOf('nightly-eval')).toBe('revoked');
    await ben.click(offer, 'Collect key');
    await ben.waitForMessage('Keysmith', 'no key to collect');
    expect(workspace.rows('select 1 from api_keys')).toEqual([]);

    // The name is free again.
    await requestKey(ben, 'nightly-eval');
  });

  test('a federated account is created on approval, and its requester gets the setup instructions', async () => {
    workspace = await startWithPolicy(backend);
    const [ada, ben] = [as('Ada'), as('Ben')];
    await requestFederated(ben, 'nightly-eval', 'repo:acme/eval');
    await workspace.keysmith.settle();
    const card = await cardOf(ada, 'nightly-eval');
    expect(visibleText(card)).toContain('repo:acme/eval');

    await ada.click(card, 'Approve');
    await ben.waitForMessage('Keysmith', (message) => says(message, 'Federated account `nightly-eval`'));
    expect(stateOf('nightly-eval')).toBe('active');
  });
});

test('An account stays whose requested key wasn’t collected, if an admin gave it another one', async () => {
  workspace = await startWithPolicy('builtin');
  const [ada, ben] = [as('Ada'), as('Ben')];
  await requestKey(ben, 'nightly-eval');
  await workspace.keysmith.settle();
  await ada.click(await cardOf(ada, 'nightly-eval'), 'Approve');
  await ben.waitForMessage('Keysmith', (message) => says(message, 'approved your request'));
  const [account] = workspace.rows<{ id: string }>('select id from service_accounts');
  const buttons = await postButtons(workspace, ada, [createKeyButton({ id: account?.id ?? '' })]);
  await ada.click(buttons, 'Create key');
  await ada.waitForView((view) => view.submit === 'Create');
  await ada.fill('key_name', 'by-ada');
  await ada.submit();
  await ada.waitForMessage('Keysmith', (message) => keyIn(message) !== undefined);

  for (let round = 0; round < 3; round += 1) await settleAfter(workspace, DAY_MS);
  await ben.waitForMessage('Keysmith', (message) =>
    says(message, 'nightly-eval', 'The account stays, because it has another key.'),
  );
  expect(stateOf('nightly-eval')).toBe('active');
  const working = workspace.rows('select name from api_keys where revoked_at_ms is null');
  expect(working).toEqual([{ name: 'by-ada' }]);
});

describe('The card of a request', () => {
  test('is in the channel of the team, with its log in the thread', async () => {
    workspace = await startWithPolicy('builtin');
    const { id } = as('Ada').conversation('ml-platform');
    await workspace.stop();
    workspace = await startWithPolicy('builtin', { channel: id });
    const [ada, ben] = [as('Ada'), as('Ben')];
    await requestKey(ben, 'nightly-eval');
    await workspace.keysmith.settle();

    const card = await cardOf(ada, 'nightly-eval', 'ml-platform');
    await ada.click(card, 'Approve');
    const decided = await cardSays(ada, 'nightly-eval', 'Approved by', 'ml-platform');
    expect(decided.ts).toBe(card.ts);
    expect(ada.messages('Keysmith').filter((message) => says(message, 'requests the service'))).toEqual([]);
  });

  test('is in direct messages where Slack doesn’t accept it in the channel, and the log says why', async () => {
    workspace = await startWithPolicy('builtin', { channel: 'C0NOSUCH00' });
    await requestKey(as('Ben'), 'nightly-eval');
    await workspace.keysmith.settle();
    await workspace.keysmith.settle();

    await cardOf(as('Ada'), 'nightly-eval');
    expect(workspace.logs().match(/channel of the team not usable/g)).toHaveLength(1);
  });
});

test('A form becomes a request when a person chooses a team in which they are only a member', async () => {
  const { organization, issuers, teams } = acmeTeams();
  const ada = { email: 'ada@acme.test', username: 'ada', role: 'member' as const };
  workspace = await startWithPolicy('builtin');
  await workspace.restartKeysmith({
    organization: {
      name: 'acme',
      admins: organization.admins,
      issuers,
      teams: teams.map((team) =>
        team.name === 'research'
          ? { ...team, members: [...team.members, ada], policy: { urgentRequests: true } }
          : team,
      ),
    },
  });
  const person = as('Ada');
  await person.command('random', '/wandb sa new nightly-eval');
  await person.waitForView((view) => view.submit === 'Create');
  await person.fill('team', 'research');
  await person.waitForView((view) => view.submit === 'Request');
  const typed = {
    name: 'nightly-eval',
    purpose: 'Evaluates',
    used_by: 'CI',
    reason: 'Für „évaluation“ 評価',
  };
  for (const [field, value] of Object.entries(typed)) await person.fill(field, value);
  await person.fill('urgent', ['urgent']);
  await person.fill('expires', '30');
  await person.fill('team', 'ml-platform');
  await person.waitForView((view) => view.submit === 'Create');
  const { reason, ...others } = typed;
  expect(person.values()).toMatchObject({ ...others, expires: '30' });
  expect(person.values()).not.toHaveProperty('reason');
  await person.fill('method', 'federated');
  await person.waitForView((view) => view.blocks.some(({ block_id }) => block_id === 'subject'));
  await person.fill('team', 'research');
  await person.waitForView((view) => view.submit === 'Request');
  await person.fill('method', 'api_key');
  await person.waitForView((view) => view.blocks.some(({ block_id }) => block_id === 'expires'));
  expect(person.values()).toMatchObject({ ...others, reason, urgent: ['urgent'], expires: '30' });

  // Cleared where it was shown, a reason doesn't come back.
  await person.fill('reason', '');
  await person.fill('team', 'ml-platform');
  await person.waitForView((view) => view.submit === 'Create');
  await person.fill('team', 'research');
  await person.waitForView((view) => view.submit === 'Request');
  expect(person.values().reason ?? '').toBe('');
});
