import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PageMessage } from '../../../src/sandbox/slack/protocol/page-protocol.ts';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { ask } from '../../slack/ask.ts';
import { keyIn, openForm } from '../../world/new-account-form.ts';
import { type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';
import { serveFromProcess } from '../delivery/crash/replica.ts';
import { requestsToSlack } from '../delivery/key-delivery.ts';

/** Label, choices and hint of each field, in lines. The last line of a choice is the chosen one. */
const SETTINGS = `Team settings
*\`forecasting\`*
A policy applies to new keys, accounts and requests.
Subjects
External identities that the team’s admins can register, one pattern per line. * matches any characters.
repo:acme/forecasting-*
repo:acme/papers
Channel for requests
Add Keysmith to the channel first. If it can’t post there, or if you choose none, the approvers get direct messages.
Choose a channel
Longest life of a key
INHERITED, 7 days, 30 days, 60 days, 90 days, 180 days, 365 days, Keys may live without end
INHERITED
Required fields
INHERITED, None, Purpose, Used by, Purpose and Used by
INHERITED
Pattern of account names
Such as ml-*. * matches any characters. Empty: as in the organization’s policy.
Example of a name
Shown beside the pattern, such as ml-eval.
Approvers of requests
One per line: team_admins, organization_admins or an email address. Empty: as in the organization’s policy.
Approvals of a request
INHERITED, One, Two different people
INHERITED
Urgent requests
INHERITED, Allowed, Not allowed
INHERITED
A key is unused after
INHERITED, 30 days, 60 days, 90 days, 180 days, 365 days
INHERITED
A key that was found in public
INHERITED, Revoke it, Only notify
INHERITED`
  .replaceAll('INHERITED', 'As in the organization’s policy')
  .replaceAll(/(?<=^As in.*), /gm, '\n');

describe('Teams in Slack', () => {
  let workspace: RunningWorkspace;
  let cy: SlackPerson;
  let dee: SlackPerson;
  beforeAll(async () => {
    workspace = await startWorkspace();
    cy = workspace.slack.as('Cy');
    dee = workspace.slack.as('Dee');
  });
  afterAll(() => workspace.stop());

  const command = async (line: string) => visibleText(await ask(cy, 'random', line));
  const openNewTeam = async (name: string) => {
    await cy.command('random', `/wandb team new ${name}`);
    await cy.waitForView((view) => view.title === 'New team');
  };
  const events = async () =>
    (await workspace.audit()).filter(({ subject }) => subject === 'team:forecasting');

  test('are created by an organization admin, and their first admin creates accounts at once', async () => {
    await openNewTeam('forecasting');
    await cy.fill('subjects', 'repo:acme/forecasting-*\n\nrepo:acme/papers');
    await cy.fill('person', dee.id);
    await cy.submit();
    const created = await cy.waitForView('Created the team `forecasting`');
    expect(visibleText(created)).toContain('Run `/wandb team show forecasting` to add members.');
    await cy.close();

    await openForm(dee, 'random', '/wandb sa new nightly-eval');
    await dee.submit();
    await dee.waitForMessage('random', (message) => keyIn(message) !== undefined);
    expect((await events()).map(({ action, actor, details }) => [action, actor, details])).toEqual([
      [
        'team.created',
        expect.objectContaining({ email: 'cy@acme.test' }),
        { subjects: ['repo:acme/forecasting-*', 'repo:acme/papers'], projects: [], origin: 'slack' },
      ],
      [
        'team_member.added',
        expect.objectContaining({ email: 'cy@acme.test' }),
        { email: 'dee@acme.test', username: 'dee', role: 'admin' },
      ],
    ]);
  });

  test('have each name once, also when the form is submitted again', async () => {
    await openNewTeam('forecasting');
    expect(JSON.stringify(await cy.submit())).toContain('There’s already a team with this name');
    await cy.fill('team_name', 'ml-platform');
    expect(JSON.stringify(await cy.submit())).toContain('There’s already a team with this name');
    await cy.close();
    expect(await events()).toHaveLength(2);
  });

  test('are listed with those of the teams file, which are read-only', async () => {
    const list = await ask(cy, 'random', '/wandb team list');
    expect(visibleText(list)).toContain('`ml-platform` · from the teams file');
    expect(visibleText(list)).toMatch(/`forecasting` · 1 member/);
    const ofFile = await command('/wandb team show ml-platform');
    expect(ofFile).toContain(
      'comes from the teams file, so its members, roles and settings can only be changed there',
    );
    expect(ofFile).not.toMatch(/Archive|Settings/);
    expect(await command('/wandb team show nowhere')).toContain('There is no team named “nowhere”');
    expect(await command('/wandb team show ml-platfrm')).toContain(
      'Did you mean `ml-platform`? Type `/wandb team show ml-platform`.',
    );
    // A person who may not see all teams learns only the names of their own.
    const ofDee = async (text: string) => visibleText(await ask(dee, 'random', `/wandb ${text}`));
    expect(await ofDee('team show ml-platfrm')).not.toContain('ml-platform');
    for (const command of ['list', 'show nightly-eval', 'revoke nightly-eval']) {
      expect(await ofDee(`sa ${command} --team ml-platfrm`)).not.toContain('ml-platform');
      expect(await ofDee(`sa ${command} --team forecastin`)).toContain('Did you mean `forecasting`?');
    }
  });

  test('get members, roles and usernames in a form, and lose them', async () => {
    const save = async (fields: Record<string, string>) => {
      await cy.click(await ask(cy, 'random', '/wandb team show forecasting'), 'Edit');
      await cy.waitForView((view) => view.title === 'Edit team');
      await cy.fill('person', workspace.slack.as('Ada').id);
      for (const [field, value] of Object.entries(fields)) await cy.fill(field, value);
      const outcome = await cy.submit();
      return `${JSON.stringify(outcome)} ${JSON.stringify(cy.view())}`;
    };
    const closed = async (fields: Record<string, string>) => {
      const shown = await save(fields);
      await cy.close();
      return shown;
    };
    expect(await closed({ username: 'dee' })).toContain('Another person has the same W&B username');
    expect(await closed({})).toContain('is now in `forecasting` as a member');
    expect(await closed({})).toContain('Nothing was left to change.');
    expect(await closed({ role: 'admin', username: 'adaL' })).toContain(
      'is now in `forecasting` as an admin',
    );
    const shown = await ask(cy, 'random', '/wandb team show forecasting');
    expect(visibleText(shown)).toContain('ada@acme.test · Admin · adaL');
    expect(await closed({ role: 'remove' })).toContain('Removed <@');
    const actions = (await events()).map(({ action }) => action).slice(2);
    expect(actions).toEqual(['team_member.added', 'team_member.changed', 'team_member.removed']);
    const person = workspace.slack.as('Dee').id;
    const alone = 'The team has no admin now, so organization admins decide on its requests';
    expect(await closed({ person, role: 'member' })).toContain(alone);
    expect(await closed({ person, role: 'admin' })).not.toContain(alone);
  });

  test('get subjects, a channel and a policy in a form, which applies at once', async () => {
    const open = async () => {
      await cy.click(await ask(cy, 'random', '/wandb team show forecasting'), 'Settings');
      await cy.waitForView((view) => view.title === 'Team settings');
    };
    await open();
    expect(visibleText(cy.view() as never)).toBe(SETTINGS);
    await cy.fill('subjects', 'repo:acme/forecasting-*');
    await cy.fill('channel', 'random');
    await cy.fill('name_pattern', 'fc-*');
    expect(JSON.stringify(await cy.submit())).toContain('Enter a name that matches the pattern.');
    await cy.fill('name_example', 'fc-nightly');
    await cy.fill('approvals', '2');
    await cy.fill('approvers', 'dee@acme.test');
    expect(JSON.stringify(await cy.submit())).toContain('at least as many approvers as approvals are needed');
    await cy.fill('approvers', '');
    await cy.fill('key_life', '7');
    await cy.submit();
    const saved = visibleText(await cy.waitForView('Changed the settings of `forecasting`'));
    expect(saved).toContain(
      'They apply to new keys, accounts and requests; `/wandb service-account list` marks accounts with older keys that live longer.',
    );
    await cy.close();
    expect((await events()).at(-1)).toMatchObject({
      action: 'team.changed',
      actor: expect.objectContaining({ email: 'cy@acme.test' }),
      details: {
        subjectsRemoved: ['repo:acme/papers'],
        policyAdded: ['longest_key_life_days: 7', 'account_names: fc-*, such as fc-nightly', 'approvals: 2'],
        channel: 'C0RANDOM01',
      },
    });
    const shown = await command('/wandb team show forecasting');
    expect(shown).toContain('Channel for requests: <#C0RANDOM01>');
    for (const line of [
      'Longest life of a key: 7 days',
      'Pattern of account names: `fc-*`, such as `fc-nightly`',
      'Approvals of a request: Two different people',
    ]) {
      expect(shown).toContain(line);
    }
    expect(visibleText(await ask(dee, 'random', '/wandb sa list'))).toContain(
      'Lives longer than the policy allows',
    );

    // Two forms of the same settings: the second overwrites nothing.
    await open();
    const shownIn = (field: string) => cy.view()?.blocks.find(({ block_id }) => block_id === field)?.element;
    expect(shownIn('key_life')).toMatchObject({ initial_option: { value: '7' } });
    expect(shownIn('channel')).toMatchObject({
      initial_conversation: 'C0RANDOM01',
      filter: { include: ['public', 'private'], exclude_external_shared_channels: true },
    });
    // Also of a channel that the person can't see, which Slack doesn't send back.
    await cy.fill('channel', null);
    await cy.fill('approvals', 'inherited');
    await cy.submit();
    await cy.waitForView('Changed the settings');
    await cy.close();
    const before = (await events()).length;
    const sent = workspace.slack.traffic.findLast(({ method }) => method === 'view_submission');
    const payload = sent?.payload as { view: { state: { values: Record<string, unknown> } } };
    const again = { ...payload, trigger_id: '1.2.again' };
    await workspace.slack.deliver({ payload: again });
    payload.view.state.values.subjects = { subjects: { type: 'plain_text_input', value: '' } };
    const refused = await workspace.slack.deliver({ payload: { ...payload, trigger_id: '1.2.other' } });
    expect(JSON.stringify(refused)).toContain('Someone else changed the settings of this team');
    expect(await events()).toHaveLength(before);

    const directMessage = { channel: { type: 'conversations_select', selected_conversation: 'D0CYX00003' } };
    payload.view.state.values.channel = directMessage;
    const direct = await workspace.slack.deliver({ payload: { ...payload, trigger_id: '1.2.direct' } });
    expect(JSON.stringify(direct)).toContain('Choose a public or private channel of this workspace.');
    expect(await command('/wandb team show forecasting')).toContain('Channel for requests: <#C0RANDOM01>');
    await open();
    await cy.fill('direct_messages', ['direct']);
    await cy.submit();
    await cy.waitForView('Changed the settings');
    await cy.close();
    expect((await events()).at(-1)).toMatchObject({ details: { channel: null } });
    expect(await command('/wandb team show forecasting')).not.toContain('Channel for requests');
  });

  test('are created once, after Slack refused to identify the person and to open the form', async () => {
    await openNewTeam('robotics');
    workspace.slack.failures.set('users.info', { kind: 'error', error: 'internal_error' }, { times: 1 });
    await cy.submit();
    await cy.waitForView('Nothing was changed: Slack couldn’t confirm who you are.');
    await cy.close();
    expect(workspace.rows("select 1 from teams where name = 'robotics'")).toEqual([]);

    workspace.slack.failures.set('views.open', { kind: 'error', error: 'expired_trigger_id' }, { times: 1 });
    const refused = await ask(cy, 'random', '/wandb team new robotics');
    expect(visibleText(refused)).toContain('The form didn’t open, and nothing was changed.');

    await openNewTeam('robotics');
    await cy.submit();
    await cy.waitForView('Created the team `robotics`');
    await cy.close();
    const sent = workspace.slack.traffic.findLast(({ method }) => method === 'view_submission');
    const again = { ...(sent?.payload as object), trigger_id: '1.2.again' };
    expect(JSON.stringify(await workspace.slack.deliver({ payload: again }))).toContain(
      'The team `robotics` was already created',
    );
    expect(workspace.rows("select 1 from teams where name = 'robotics'")).toHaveLength(1);
  });

  test('are archived with their accounts after a confirmation, and restored', async () => {
    const clicked = await cy.click(await ask(cy, 'random', '/wandb team show forecasting'), 'Archive');
    expect(JSON.stringify(clicked.confirm)).toContain('stop working at once');
    const archived = await cy.waitForMessage('random', 'Archived `forecasting`.');
    expect(visibleText(await ask(dee, 'random', '/wandb sa list'))).toContain('You’re not in any W&B team');
    await cy.click(archived, 'Restore');
    await cy.waitForMessage('random', 'Restored `forecasting`.');
    expect(visibleText(await ask(dee, 'random', '/wandb sa list'))).toContain('nightly-eval');
    expect((await events()).map(({ action }) => action).slice(-2)).toEqual([
      'team.archived',
      'team.restored',
    ]);
  });

  test('can be seen and changed by organization admins only, whatever is clicked', async () => {
    const refused = visibleText(await ask(dee, 'random', '/wandb team list'));
    expect(refused).toContain('Only organization admins can do this. Ask');
    expect(visibleText(await ask(dee, 'random', '/wandb team show ml-platform'))).toContain(
      'Only organization admins can do this.',
    );
    expect(visibleText(await ask(dee, 'random', '/wandb team new mine'))).toContain(
      'Only organization admins can do this.',
    );
    const refusals = (await workspace.audit()).filter(({ action }) => action === 'team.edit_refused');
    expect(refusals.length).toBeGreaterThan(0);
  });

  test('stay as they are when the teams file is applied, and aren’t replaced by it', async () => {
    await workspace.restartKeysmith();
    expect(await command('/wandb team show forecasting')).toContain('dee@acme.test · Admin');
    const team = { name: 'forecasting', subjects: [], members: [], projects: [] };
    const organization = (takeOver: object) =>
      ({
        name: 'acme',
        admins: ['cy@acme.test'],
        issuers: [],
        teams: [{ ...team, ...takeOver }],
        teamLines: new Map([['forecasting', 12]]),
      }) as never;
    await expect(workspace.restartKeysmith({ organization: organization({}) })).rejects.toThrow(
      /The teams file names "forecasting" \(line 12\), created in Slack\. .*"take_over: true"/,
    );
    await workspace.restartKeysmith({ organization: organization({ takeOver: true }) });
    expect(await command('/wandb team show forecasting')).toContain('This team comes from the teams file');
  });
});

test('without a teams file, an organization starts with no team, and the teams of an earlier file move to Slack', async () => {
  const workspace = await startWorkspace();
  const organization = {
    name: 'acme',
    admins: ['cy@acme.test'],
    issuers: [],
    teams: [],
    isWithoutFile: true,
  } as never;
  const cy = workspace.slack.as('Cy');
  await workspace.restartKeysmith({ organization });
  const shown = visibleText(await ask(cy, 'random', '/wandb team show ml-platform'));
  expect(shown).toContain('ada@acme.test · Admin');
  expect(shown).toContain('Archive');
  await workspace.stop();
  const empty = await startWorkspace({ organization });
  const list = visibleText(await ask(empty.slack.as('Cy'), 'random', '/wandb team list'));
  expect(list).toContain('There are no teams yet. Run `/wandb team new` to create one.');
  await empty.stop();
});

test('A list of teams and the members of a team have pages of 40', async () => {
  const members = Array.from({ length: 85 }, (_, nth) => {
    const username = `m${String(nth).padStart(2, '0')}`;
    return { email: `${username}@acme.test`, username, role: 'member' as const };
  });
  const names = Array.from({ length: 45 }, (_, nth) => `team-${String(nth).padStart(2, '0')}`);
  const teams = names.map((name, nth) => ({
    name,
    subjects: [],
    projects: [],
    members: nth === 0 ? members : [],
  }));
  const organization = { name: 'acme', admins: ['cy@acme.test'], issuers: [], teams } as never;
  const workspace = await startWorkspace({ organization });
  const cy = workspace.slack.as('Cy');
  const turn = async (message: PageMessage, button: string, text: string) => {
    await cy.click(message, button);
    return cy.waitForMessage(
      'random',
      (shown) => shown.ts === message.ts && visibleText(shown).includes(text),
    );
  };
  const list = await ask(cy, 'random', '/wandb team list');
  expect(visibleText(list)).toContain('*Teams* · 45');
  expect(visibleText(list)).toContain('`team-39`');
  expect(visibleText(list)).not.toContain('`team-40`');
  const second = await turn(list, 'Next', '`team-44`');
  expect(JSON.stringify(second.blocks)).not.toContain('next_teams');
  await turn(second, 'Previous', '`team-39`');

  const team = await ask(cy, 'random', '/wandb team show team-00');
  expect(visibleText(team)).toContain('*Members* · 85');
  const middle = await turn(team, 'Next', 'm40@acme.test');
  const last = await turn(middle, 'Next', 'm84@acme.test');
  expect(JSON.stringify(last.blocks)).not.toContain('next_members');
  const back = await turn(last, 'Previous', 'm40@acme.test');
  await turn(back, 'Previous', 'm00@acme.test');
  await workspace.stop();
});

test('A process that is killed while it creates a team leaves nothing behind, and the same form creates it afterwards', async () => {
  const workspace = await startWorkspace();
  const cy = workspace.slack.as('Cy');
  const replica = await serveFromProcess(workspace);
  await cy.command('random', '/wandb team new forecasting');
  await cy.waitForView((view) => view.title === 'New team');
  workspace.slack.failures.set('users.info', { kind: 'timeout' }, { times: 1 });
  const asked = requestsToSlack(workspace, 'users.info').length;
  const submitted = cy.submit();
  await expect.poll(() => requestsToSlack(workspace, 'users.info').length).toBe(asked + 1);
  await replica.kill();
  expect(await submitted).toMatchObject({ ok: false });
  const teams = () => workspace.rows("select 1 from teams where name = 'forecasting'");
  expect(teams()).toEqual([]);

  await workspace.restartKeysmith();
  expect(await cy.submit()).toMatchObject({ ok: true });
  await cy.waitForView('Created the team `forecasting`');
  expect(teams()).toHaveLength(1);
  const events = (await workspace.audit()).filter(({ subject }) => subject === 'team:forecasting');
  expect(events.map(({ action }) => action)).toEqual(['team.created', 'team_member.added']);
  await workspace.stop();
});

test('with a W&B server, teams live there, and the commands say so', async () => {
  const workspace = await startWorkspace({ backend: 'wandb' });
  const cy = workspace.slack.as('Cy');
  for (const line of ['list', 'new forecasting', 'show ml-platform']) {
    const text = visibleText(await ask(cy, 'random', `/wandb team ${line}`));
    expect(text).toContain('Teams, members and roles live on the W&B server');
  }
  await workspace.stop();
});
