import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DesiredOrganization } from '../../../src/domain/organization/organization-changes.ts';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { ask } from '../../slack/ask.ts';
import { acmeTeams } from '../../world/acme-teams.ts';
import { keyIn, openForm } from '../../world/new-account-form.ts';
import {
  BACKENDS,
  type BackendKind,
  type RunningWorkspace,
  startWorkspace,
} from '../../world/running-workspace.ts';

const DAY_MS = 24 * 60 * 60_000;

const { issuers, teams } = acmeTeams();
const OF_ORGANIZATION = { requiredFields: ['purpose'], longestKeyLifeDays: 60 } as const;
const OF_TEAM = { accountNames: { pattern: 'ml-*', example: 'ml-nightly-eval' } };

/** The policy as the teams file sets it: for a W&B server, the file has nothing else. */
function withPolicy(backend: BackendKind) {
  const own = (name: string) => (name === 'ml-platform' ? { policy: OF_TEAM } : {});
  if (backend === 'builtin') {
    const organization: Partial<DesiredOrganization> = {
      issuers,
      policy: OF_ORGANIZATION,
      teams: teams.map((team) => ({ ...team, ...own(team.name) })),
    };
    return { organization };
  }
  const policies = { organization: OF_ORGANIZATION, teams: [{ name: 'ml-platform', policy: OF_TEAM }] };
  return { policies };
}

describe.each(BACKENDS)('A policy with the backend %s', (backend) => {
  let workspace: RunningWorkspace;
  let ada: SlackPerson;
  beforeAll(async () => {
    workspace = await startWorkspace({ backend, ...withPolicy(backend) });
    ada = workspace.slack.as('Ada');
  });
  afterAll(() => workspace.stop());

  test('shows its rules in the form, and the rule that stops a person with who can change it', async () => {
    await openForm(ada, 'ml-platform', '/wandb sa new nightly-eval');
    const fields = JSON.stringify(ada.view()?.blocks);
    expect(fields).toContain('Names of this team match ml-*.');
    const outcome = JSON.stringify(await ada.submit({ unchecked: true }));
    expect(outcome).toContain(
      'Names of this team’s accounts must match ml-*, such as ml-nightly-eval. This is the team’s policy. An organization admin can change it.',
    );
    expect(outcome).toContain(
      'Fill in this field: it’s required for accounts of this team. This is the organization’s policy. An organization admin can change it.',
    );
    await ada.fill('name', 'ml-nightly-eval');
    await ada.fill('purpose', 'Evaluates every night');
    await ada.submit();
    const message = await ada.waitForMessage('ml-platform', (shown) => keyIn(shown) !== undefined);
    expect(keyIn(message)).toBeDefined();
    // The longest life has no effect on a W&B server, which the message says.
    const isOnServer = backend === 'wandb';
    expect(fields.includes('"block_id":"expires"')).toBe(!isOnServer);
    expect(visibleText(message).includes('W&B keys don’t expire')).toBe(isOnServer);
  });

  test('binds a submission that was changed on its way, and the admins of the organization too', async () => {
    const cy = workspace.slack.as('Cy');
    await openForm(cy, 'random', '/wandb sa new weekly-eval --team ml-platform');
    await cy.fill('purpose', ' ');
    const outcome = JSON.stringify(await cy.submit({ unchecked: true }));
    expect(outcome).toContain('must match ml-*');
    expect(outcome).toContain('required for accounts of this team');
    expect(workspace.rows("select 1 from service_accounts where name = 'weekly-eval'")).toEqual([]);
    await cy.close();
  });
});

describe('The longest life of a key', () => {
  let workspace: RunningWorkspace;
  let ada: SlackPerson;
  beforeAll(async () => {
    workspace = await startWorkspace(withPolicy('builtin'));
    ada = workspace.slack.as('Ada');
  });
  afterAll(() => workspace.stop());

  const offered = (person: SlackPerson) => {
    const block = person.view()?.blocks.find(({ block_id }) => block_id === 'expires');
    return JSON.stringify(block)
      .match(/"value":"(\w+)"/g)
      ?.map((text) => text.slice(9, -1));
  };

  test('limits the choices and the dates, and names the last possible day', async () => {
    await openForm(ada, 'ml-platform', '/wandb sa new ml-eval');
    expect(offered(ada)).toEqual(expect.arrayContaining(['30', 'date']));
    expect(offered(ada)).not.toEqual(expect.arrayContaining(['90']));
    expect(offered(ada)).not.toEqual(expect.arrayContaining(['never']));
    await ada.fill('purpose', 'Evaluates');
    await ada.fill('expires', 'date');
    await ada.waitForView('Last day');
    const day = (days: number) => new Date(workspace.clock.nowMs + days * DAY_MS).toISOString().slice(0, 10);
    await ada.fill('expires_on', day(61));
    const outcome = JSON.stringify(await ada.submit());
    expect(outcome).toContain('A key of this team may live 60 days at most, so the last possible day is');
    const [, last = ''] = outcome.match(/last possible day is (\d{4}-\d{2}-\d{2})/) ?? [];
    await ada.fill('expires_on', last);
    await ada.submit();
    await ada.waitForMessage('ml-platform', (shown) => keyIn(shown) !== undefined);
    expect(workspace.rows('select expires_at_ms as atMs from api_keys')).toEqual([
      { atMs: Date.parse(`${last}T23:59:59Z`) },
    ]);
  });

  test('refuses a longer lifetime and a key without end, whatever the form offered', async () => {
    await openForm(ada, 'ml-platform', '/wandb sa new ml-weekly-eval');
    await ada.fill('purpose', 'Evaluates');
    const choose = (value: string) => ({
      expires: {
        expires: {
          type: 'static_select',
          selected_option: { text: { type: 'plain_text', text: value }, value },
        },
      },
    });
    const submit = async (value: string) =>
      JSON.stringify(await ada.submit({ unchecked: true, state: choose(value) as never }));
    expect(await submit('90')).toContain('A key of this team may live 60 days at most');
    expect(await submit('never')).toContain(
      'Keys of this team must expire. Choose a lifetime or a date. This is the organization’s policy.',
    );
    await ada.close();
  });

  test('applies to the policy that is in force when the form is submitted', async () => {
    await openForm(ada, 'ml-platform', '/wandb sa new ml-late-eval');
    await ada.fill('purpose', 'Evaluates');
    const { organization } = withPolicy('builtin');
    const policy = { longestKeyLifeDays: 7 };
    const admins = ['cy@acme.test'];
    const desired = { name: 'acme', admins, ...organization, policy } as never;
    await workspace.restartKeysmith({ organization: desired });
    const outcome = JSON.stringify(await ada.submit());
    expect(outcome).toContain('A key of this team may live 7 days at most');
    await ada.close();
    await openForm(ada, 'ml-platform', '/wandb sa new ml-late-eval');
    expect(offered(ada)).toEqual(expect.arrayContaining(['7', 'date']));
    await ada.close();
  });

  test('keeps the expiry of an older key, and lists it for people and operators', async () => {
    const list = visibleText(await ask(ada, 'ml-platform', '/wandb sa list'));
    expect(list.match(/`ml-eval`.*\n.*Lives longer than the policy allows/)).not.toBeNull();
    const lines = workspace
      .logs()
      .split('\n')
      .filter((line) => line.includes('keys live longer'));
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { level: 40, keys: 1, some: [{ name: 'ml-eval', teamName: 'ml-platform' }] },
    ]);
    const shown = visibleText(await ask(ada, 'ml-platform', '/wandb sa show ml-eval'));
    expect(shown).toContain('Lives longer than the team’s policy allows (7 days)');
  });
});
