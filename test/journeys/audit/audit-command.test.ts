import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { ADA, acmeWith } from '../../slack/acme-people.ts';
import { ask, markupOf } from '../../slack/ask.ts';
import { createAccount } from '../../world/new-account-form.ts';
import { BACKENDS, type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';

const team = (name: string, members: Record<string, 'admin' | 'member'>) => ({
  name,
  members: Object.entries(members).map(([username, role]) => ({
    email: `${username}@acme.test`,
    username,
    role,
  })),
  subjects: [],
  projects: [],
});
const organization = {
  admins: ['cy@acme.test'],
  teams: [team('ml-platform', { ada: 'admin', ben: 'member' }), team('research', { eve: 'admin' })],
};
const seed = acmeWith([{ id: 'U0EVE00005', name: 'eve', email: 'eve@acme.test' }]);

let workspace: RunningWorkspace;
let ada: SlackPerson;

const audit = async (person: SlackPerson, options = '') =>
  visibleText(await ask(person, 'random', `/wandb audit ${options}`.trim()));

describe.each(BACKENDS)('/wandb audit with the %s backend', (backend) => {
  beforeAll(async () => {
    workspace = await startWorkspace({ backend, seed, organization });
    ada = workspace.slack.as('Ada');
    await createAccount(ada, 'random', 'nightly-eval');
    await createAccount(ada, 'random', 'weekly-eval');
  });
  afterAll(() => workspace.stop());

  test('says in one sentence a line who did what in the teams of an admin, newest first', async () => {
    const message = await ask(ada, 'random', '/wandb audit');
    expect(message.ephemeral).toBe(true);
    const text = visibleText(message);
    expect(text).toContain('*Audit record of your teams*, newest first');
    expect(text).toContain(`<@${ADA}> created \`nightly-eval\` in \`ml-platform\``);
    expect(text.indexOf('weekly-eval')).toBeLessThan(text.indexOf('nightly-eval'));
    expect(text).not.toContain('research');
    expect(text).not.toContain('signing key');
  });

  test('shows one account or one team, and the time since when', async () => {
    const account = await audit(ada, '--account Nightly-Eval');
    expect(account).toContain('*Audit record of `Nightly-Eval`*');
    expect(account).not.toContain('weekly-eval');
    expect(await audit(ada, '--team ml-platform --since 1h')).toContain('*Audit record of `ml-platform`*');
    workspace.clock.advance(3 * 86_400_000);
    expect(await audit(ada, '--since 2d')).toContain('Audit record of your teams: no events.');
    expect(await audit(ada, '--since soon')).toContain('doesn’t understand the time “soon”');
    const unknown = await audit(ada, '--account nightly-evl');
    expect(unknown).toContain('None of your teams has or had an account named “nightly-evl”.');
    expect(unknown).toMatch(/Did you mean `nightly-eval`\?[\s\S]*Reference/);
  });

  test('refuses members and strangers, and shows no team that isn’t theirs', async () => {
    expect(await audit(workspace.slack.as('Ben'))).toContain('Only admins of `ml-platform` can do this.');
    expect(await audit(workspace.slack.as('Dee'))).toContain('You’re not in any W&B team');
    const eve = workspace.slack.as('eve');
    expect(await audit(eve, '--team ml-platform')).toContain('You don’t have a team named “ml-platform”');
    expect(await audit(eve, '--account nightly-eval')).toContain('None of your teams has or had an account');
    expect(await audit(eve)).not.toContain('nightly-eval');
    const refusals = (await workspace.audit()).filter(({ action }) => action === 'audit.read_refused');
    expect(refusals.map(({ details }) => details.reason)).toEqual(['not_admin', 'no_team', 'team_unknown']);
  });

  test('shows the refused attempts of others to the admins whom they concern, and to nobody else', async () => {
    await ask(workspace.slack.as('Ben'), 'random', '/wandb sa revoke nightly-eval --team ml-platform');
    await workspace.keysmith.settle();
    const text = await audit(ada);
    expect(text).not.toContain('read the audit record of any team');
    expect(await audit(workspace.slack.as('eve'))).not.toContain('revoke');
  });

  test('shows an organization admin everything, also what concerns no team', async () => {
    const cy = workspace.slack.as('Cy');
    const text = await audit(cy);
    expect(text).toContain('*Audit record of the organization*, newest first');
    expect(text).toContain('wasn’t allowed to read the audit record');
    if (backend === 'builtin') {
      expect(await audit(cy, '--team ml-platform')).toContain('created `nightly-eval`');
    }
  });
});

describe('The pages of a long record', () => {
  beforeAll(async () => {
    // Each member is an event.
    const members = Array.from({ length: 40 }, (_, index) => [`person${index}`, 'member'] as const);
    const large = team('ml-platform', { ada: 'admin', ...Object.fromEntries(members) });
    workspace = await startWorkspace({ seed, organization: { ...organization, teams: [large] } });
    ada = workspace.slack.as('Ada');
  });
  afterAll(() => workspace.stop());

  test('turn by Older and Newest, in place and without a gap', async () => {
    const shown = await ask(ada, 'random', '/wandb audit --team ml-platform');
    const numbers = (text: string) => /Events (\d+) to (\d+)/.exec(text)?.slice(1).map(Number) ?? [];
    const [from = 0] = numbers(visibleText(shown));
    await ada.click(shown, 'Older');
    const older = await ada.waitForMessage('random', (message) => {
      const [, to = 0] = numbers(visibleText(message));
      return message.ts === shown.ts && to > 0 && to < from;
    });
    expect(markupOf(older)).toContain('*Audit record of `ml-platform`*');
    await ada.click(older, 'Newest');
    await ada.waitForMessage(
      'random',
      (message) => message.ts === shown.ts && numbers(visibleText(message))[0] === from,
    );
  });

  test('check the permission again at each click', async () => {
    const shown = await ask(ada, 'random', '/wandb audit --team ml-platform');
    await workspace.restartKeysmith({
      organization: {
        name: 'acme',
        admins: ['cy@acme.test'],
        issuers: [],
        teams: [team('ml-platform', { ada: 'member', cy: 'admin' })],
      },
    });
    await ada.click(shown, 'Older');
    await ada.waitForMessage('random', 'Only admins of `ml-platform` can do this.');
  });
});
