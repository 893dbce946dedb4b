import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { PageMessage } from '../../../src/sandbox/slack/protocol/page-protocol.ts';
import type { PersonSeed } from '../../../src/sandbox/slack/workspace/workspace-seed.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { keyIn, openForm } from '../../world/new-account-form.ts';
import { type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';
import { acmeWith } from '../acme-people.ts';

const ENTERPRISE = { id: 'E0ACME0001', name: 'Acme' };
const OTHER_TEAM = 'T0OTHER001';
const OTHER_ENTERPRISE = 'E0OTHER001';

interface Profile extends Omit<PersonSeed, 'id' | 'realName' | 'email'> {
  /** `null`: the profile shows no address. */
  email?: string | null;
}

/** Each address is an admin of ml-platform, so only the Slack profile makes the difference. */
const refused: (Profile & { reason: string; text: string })[] = [
  {
    name: 'guest',
    guest: 'multi_channel',
    reason: 'guest',
    text: 'Guests of this workspace can’t use Keysmith. Ask a full member of your team to do this for you.',
  },
  {
    name: 'ultra',
    guest: 'single_channel',
    reason: 'guest',
    text: 'Guests of this workspace can’t use Keysmith. Ask a full member of your team to do this for you.',
  },
  {
    name: 'robot',
    bot: true,
    reason: 'bot',
    text: 'Bots can’t use Keysmith. Ask a member of your team to do this for you.',
  },
  { name: 'gone', deactivated: true, reason: 'deactivated', text: 'This Slack account is deactivated' },
  { name: 'new', emailConfirmed: false, reason: 'email_unconfirmed', text: 'yours isn’t confirmed' },
  { name: 'silent', email: null, reason: 'email_missing', text: 'your profile doesn’t have one' },
  {
    name: 'kelvin',
    // The Kelvin sign becomes an ASCII k in lowercase.
    email: '\u212aelvin@acme.test',
    reason: 'email_missing',
    text: 'your profile doesn’t have one',
  },
  {
    name: 'stranger',
    stranger: true,
    reason: 'other_workspace',
    text: 'Your Slack account belongs to another workspace',
  },
  {
    name: 'partner',
    stranger: true,
    teamId: OTHER_TEAM,
    enterpriseId: OTHER_ENTERPRISE,
    reason: 'other_workspace',
    text: 'Your Slack account belongs to another workspace',
  },
  {
    name: 'visitor',
    teamId: OTHER_TEAM,
    reason: 'other_workspace',
    text: 'Your Slack account belongs to another workspace',
  },
  {
    name: 'rival',
    teamId: OTHER_TEAM,
    enterpriseId: OTHER_ENTERPRISE,
    reason: 'other_workspace',
    text: 'Your Slack account belongs to another workspace',
  },
];

const served: (Profile & { why: string })[] = [
  {
    name: 'colleague',
    teamId: OTHER_TEAM,
    enterpriseId: ENTERPRISE.id,
    why: 'from another workspace of the same enterprise',
  },
  { name: 'shouting', email: 'SHOUTING@Acme.TEST', why: 'whose address Slack returns in upper case' },
  {
    name: 'unsaid',
    emailConfirmed: 'omitted',
    why: 'for whom Slack omits whether the address is confirmed',
  },
  { name: 'boss', workspaceRole: 'owner', why: 'who owns the workspace' },
];

const idOf = (name: string) => `U0${name.toUpperCase().padEnd(8, '0').slice(0, 8)}`;
const person = ({ email, ...profile }: Profile): Omit<PersonSeed, 'realName'> => ({
  ...profile,
  id: idOf(profile.name),
  ...(email !== null && { email: email ?? `${profile.name}@acme.test` }),
});

let workspace: RunningWorkspace;
beforeAll(async () => {
  const people = [...refused, ...served].map(({ name }) => ({
    email: `${name}@acme.test`,
    username: name,
    role: 'admin' as const,
  }));
  workspace = await startWorkspace({
    seed: acmeWith([...refused, ...served].map(person), { enterprise: ENTERPRISE }),
    organization: {
      admins: [],
      teams: [{ name: 'ml-platform', members: people, subjects: [], projects: [] }],
    },
  });
});
afterAll(() => workspace.stop());

/**
 * Returns what Keysmith posts to a command's response URL. The command is delivered directly, as Slack lets neither bots nor
 * deactivated users type one.
 */
async function responseTo(name: string, text: string): Promise<string> {
  const { slack } = workspace;
  const before = slack.traffic.length;
  await slack.deliver({ command: '/wandb', text }, { as: name, conversation: 'C0RANDOM01' });
  const response = await vi.waitUntil(
    () => slack.traffic.slice(before).find((record) => record.method === 'response_url' && record.response),
    { timeout: 10_000 },
  );
  expect(response.response).toMatchObject({ status: 200 });
  expect(response.payload).toMatchObject({ response_type: 'ephemeral' });
  return visibleText(response.payload as PageMessage);
}

const recorded = () => workspace.rows('select sequence from audit_events').length;
/** Returns the log lines about refusals that the audit record doesn't contain. */
const unrecorded = (name: string): Record<string, unknown>[] =>
  workspace
    .logs()
    .split('\n')
    .filter((line) => line.includes('refused, not recorded') && line.includes(`"${idOf(name)}"`))
    .map((line) => JSON.parse(line));
const accounts = () => workspace.rows('select id from service_accounts');

describe('A caller who isn’t a full member of the workspace', () => {
  test.each(refused)(
    'is refused with an explanation, whatever role the address has: $name ($reason)',
    async ({ name, reason, text: expected }) => {
      const before = recorded();

      for (const text of ['sa new', 'sa list', 'sa revoke nightly-eval']) {
        const response = await responseTo(name, text);

        expect(response).toContain(expected);
        expect(response).toMatch(/Reference ks_/);
        expect(response).not.toContain('ml-platform');
      }

      expect(workspace.slack.as(name).view()).toBeUndefined();
      expect(accounts()).toEqual([]);
      // Strangers can't fill the record: they are only logged.
      expect(recorded()).toBe(before);
      const lines = unrecorded(name);
      expect(lines).toMatchObject(Array(3).fill({ reason }));
    },
  );

  test('is refused when Slack doesn’t know the user', async () => {
    const before = workspace.slack.traffic.length;

    await workspace.slack.deliver(
      { command: '/wandb', text: 'sa new', user_id: 'U0NOBODY01' },
      { as: 'boss', conversation: 'C0RANDOM01' },
    );
    const message = await workspace.slack
      .as('boss')
      .waitForMessage('random', 'Slack no longer knows this user');

    expect(message.ephemeral).toBe(true);
    expect(workspace.slack.traffic.slice(before).map(({ method }) => method)).not.toContain('views.open');
  });
});

describe('A caller who is a full member', () => {
  test.each(served)('can create an account: someone $why', async ({ name }) => {
    const someone = workspace.slack.as(name);

    await openForm(someone, 'random');
    await someone.fill('name', `${name}-eval`);
    expect(await someone.submit()).toEqual({ ok: true });
    await someone.waitForMessage('random', (message) => !!keyIn(message));

    expect(
      workspace.rows(
        'select created_by_slack_user_id as id, created_by_email as email from service_accounts where name = ?',
        `${name}-eval`,
      ),
    ).toEqual([{ id: idOf(name), email: `${name}@acme.test` }]);
  });
});
