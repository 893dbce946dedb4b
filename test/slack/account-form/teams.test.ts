import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { DesiredTeam } from '../../../src/domain/organization/organization-changes.ts';
import type { Block } from '../../../src/sandbox/slack/protocol/page-protocol.ts';
import { acmeWorkspace, type WorkspaceSeed } from '../../../src/sandbox/slack/workspace/workspace-seed.ts';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { keyIn, openForm } from '../../world/new-account-form.ts';
import { type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';
import { ask } from '../ask.ts';

const ada = { email: 'ada@acme.test', username: 'ada', role: 'admin' as const };
const eve = { email: 'eve@acme.test', username: 'eve', role: 'admin' as const };

const team = (name: string, members = [ada]): DesiredTeam => ({ name, members, subjects: [], projects: [] });
const teams = (count: number, members = [ada]) =>
  Array.from({ length: count }, (_, index) => team(`team-${String(index).padStart(5, '0')}`, members));

/** Returns the Acme workspace with channels named like teams. */
const withChannels = (...names: string[]): WorkspaceSeed => ({
  ...acmeWorkspace,
  conversations: [
    ...acmeWorkspace.conversations,
    ...names.map((name, index) => ({
      id: `C0CHANNEL${index}`,
      name,
      kind: 'public' as const,
      members: acmeWorkspace.people.map(({ id }) => id),
    })),
  ],
});

const teamElement = (person: SlackPerson) => {
  const block = person.view()?.blocks.find(({ block_id }) => block_id === 'team');
  return (block as (Block & { element: { type: string; options?: { value: string }[] } }) | undefined)
    ?.element;
};

describe('The form for an admin of three teams', () => {
  let workspace: RunningWorkspace;
  let person: SlackPerson;
  beforeAll(async () => {
    workspace = await startWorkspace({
      seed: withChannels('research', 'vision'),
      organization: { teams: [team('ml-platform'), team('vision'), team('audio'), team('research', [eve])] },
    });
    person = workspace.slack.as('Ada');
  });
  afterEach(async () => {
    if (person.view()) await person.close();
  });
  afterAll(() => workspace.stop());

  test('lists those teams by name, with the first one preselected', async () => {
    await openForm(person, 'random');

    expect(teamElement(person)?.options?.map(({ value }) => value)).toEqual([
      'audio',
      'ml-platform',
      'vision',
    ]);
    expect(person.values().team).toBe('audio');
  });

  test.each(['vision', 'ml-platform'])(
    'preselects the team that the channel #%s is named after',
    async (channel) => {
      await openForm(person, channel);

      expect(person.values().team).toBe(channel);
    },
  );

  test('doesn’t reveal another team that a channel is named after', async () => {
    await openForm(person, 'research');

    expect(person.values().team).toBe('audio');
    expect(JSON.stringify(person.view())).not.toContain('research');
  });

  test('preselects the team in --team, even in another team’s channel', async () => {
    await openForm(person, 'vision', '/wandb sa new --team ml-platform');

    expect(person.values().team).toBe('ml-platform');
  });

  test.each(['ml-platform', 'random'])(
    'keeps the team chosen in #%s when the method changes',
    async (channel) => {
      await openForm(person, channel);
      await person.fill('team', 'vision');
      await person.fill('method', 'federated');
      await person.waitForView((view) => view.blocks.some(({ block_id }) => block_id === 'subject'));

      expect(person.values().team).toBe('vision');
    },
  );
});

test('A form with exactly 100 teams lists them', async () => {
  const workspace = await startWorkspace({
    organization: { teams: [...teams(100), team('foreign', [eve])] },
  });
  const person = workspace.slack.as('Ada');

  await openForm(person, 'random');

  expect(teamElement(person)).toMatchObject({ type: 'static_select' });
  expect(teamElement(person)?.options).toHaveLength(100);
  expect(person.values().team).toBe('team-00000');
  await workspace.stop();
});

test('A form with 101 teams searches them', async () => {
  const workspace = await startWorkspace({ organization: { teams: teams(101) } });
  const person = workspace.slack.as('Ada');

  await openForm(person, 'random');

  expect(teamElement(person)).toMatchObject({ type: 'external_select', min_query_length: 0 });
  expect(person.values().team).toBeNull();
  await workspace.stop();
});

describe('A form with 10,000 teams', () => {
  let workspace: RunningWorkspace;
  let person: SlackPerson;
  beforeAll(async () => {
    const organization = {
      teams: [...teams(9_998), team('ml-platform'), team('zz_vision%'), team('secret-07777', [eve])],
    };
    const keysmith = { timing: { respondWithinMs: 1_000 } };
    workspace = await startWorkspace({ seed: withChannels('team-07777'), organization, keysmith });
    person = workspace.slack.as('Ada');
  });
  afterEach(async () => {
    if (person.view()) await person.close();
  });
  afterAll(() => workspace.stop());

  const search = async (query: string) => {
    const { options, error } = await person.options('team', query);
    // The sandbox reports an error after 3 s, as Slack does.
    expect(error).toBeUndefined();
    return options.map(({ value }) => value);
  };

  test('returns no options, in time, while Slack can’t identify the person', async () => {
    await openForm(person, 'random');
    workspace.clock.advance(61_000);
    workspace.slack.failures.set('users.info', { kind: 'timeout' }, { times: 1 });

    expect(await search('team-07')).toEqual([]);
    workspace.slack.failures.clear();
    expect(await search('team-07777')).toEqual(['team-07777']);
  });

  test('opens in time, with a search instead of a list', async () => {
    await openForm(person, 'random');

    expect(teamElement(person)).toMatchObject({ type: 'external_select', min_query_length: 0 });
  });

  test('finds the person’s own teams by any part of the name, in any letter case', async () => {
    await openForm(person, 'random');

    expect(await search('07777')).toEqual(['team-07777']);
    expect(await search(' Platform ')).toEqual(['ml-platform']);
    expect(await search('secret')).toEqual([]);
    expect(await search('no such team')).toEqual([]);
  });

  test('treats database wildcards as ordinary characters', async () => {
    await openForm(person, 'random');

    expect(await search('%')).toEqual(['zz_vision%']);
    expect(await search('z_')).toEqual(['zz_vision%']);
    expect(await search("' or 1=1 --")).toEqual([]);
  });

  test('returns at most 100 teams, first those that start with the query', async () => {
    await openForm(person, 'random');

    expect(await search('')).toHaveLength(100);
    const found = await search('m');
    expect(found).toHaveLength(100);
    expect(found[0]).toBe('ml-platform');
  });

  test('returns no teams to a person who manages none', async () => {
    await openForm(person, 'random');
    const asked = workspace.slack.traffic.length;
    await person.options('team', 'team');
    const payload = workspace.slack.traffic
      .slice(asked)
      .find(({ method }) => method === 'block_suggestion')?.payload;

    const response = await workspace.slack.deliver({
      payload: { ...(payload as { type: string }), user: { id: workspace.slack.as('Ben').id } },
    });

    expect(response).toMatchObject({ kind: 'responded', status: 200 });
    expect(response.kind === 'responded' && JSON.parse(response.body)).toEqual({ options: [] });
  });

  test('keeps the team that was found when the method changes, and creates the account in it', async () => {
    await openForm(person, 'ml-platform');
    await person.fill('team', 'team-07777');
    await person.fill('name', 'nightly-eval');
    await person.fill('method', 'federated');
    await person.waitForView((view) => view.blocks.some(({ block_id }) => block_id === 'subject'));
    expect(person.values().team).toBe('team-07777');
    await person.fill('method', 'api_key');
    await person.waitForView((view) => view.blocks.some(({ block_id }) => block_id === 'expires'));

    expect(await person.submit()).toEqual({ ok: true });
    const message = await person.waitForMessage('ml-platform', (shown) => !!keyIn(shown));

    expect(visibleText(message)).toContain('*Team*\n`team-07777`');
    expect(
      workspace.rows(
        'select t.name as team, a.name from service_accounts a join teams t on t.id = a.team_id',
      ),
    ).toEqual([{ team: 'team-07777', name: 'nightly-eval' }]);
  });

  test('preselects the team in --team', async () => {
    await openForm(person, 'random', '/wandb sa new --team team-09000');

    expect(person.values().team).toBe('team-09000');
  });

  test('preselects the team that the channel is named after', async () => {
    await openForm(person, 'team-07777');

    expect(person.values().team).toBe('team-07777');
  });

  test('doesn’t open for another person’s team in --team', async () => {
    const message = await ask(person, 'random', '/wandb sa new --team secret-07777');

    expect(visibleText(message)).toContain('You don’t have a team');
    expect(person.view()).toBeUndefined();
  });
});
