import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { PageMessage } from '../../src/sandbox/slack/protocol/page-protocol.ts';
import type { PersonSeed } from '../../src/sandbox/slack/workspace/workspace-seed.ts';
import { visibleText } from '../driver/visible-text.ts';
import { keyIn, openForm } from '../world/new-account-form.ts';
import { type RunningWorkspace, startWorkspace } from '../world/running-workspace.ts';
import { acmeWith } from './acme-people.ts';

const ENTERPRISE = { id: 'E0ACME0001', name: 'Acme' };
const OTHER_TEAM = 'T0OTHER001';
const OTHER_ENTERPRISE = 'E0OTHER001';

interface Profile extends Omit<PersonSeed, 'id' | 'realName' | 'email'> {
  /** `null`: the profile shows none. */
  email?: string | null;
}

/** Each profile is an admin of ml-platform by its address; what Slack says of it decides. */
const refused: (Profile & { reason: string; words: string })[] = [
  {
    name: 'guest',
    guest: 'multi_channel',
    reason: 'guest',
    words: 'Guests of this workspace can’t use Keysmith.',
  },
  {
    name: 'ultra',
    guest: 'single_channel',
    reason: 'guest',
    words: 'Guests of this workspace can’t use Keysmith.',
  },
  { name: 'robot', bot: true, reason: 'bot', words: 'Bots can’t use Keysmith' },
  { name: 'gone', deactivated: true, reason: 'deactivated', words: 'This Slack account is deactivated' },
  { name: 'new', emailConfirmed: false, reason: 'email_unconfirmed', words: 'yours isn’t confirmed' },
  { name: 'silent', email: null, reason: 'email_missing', words: 'yours doesn’t show one' },
  {
    name: 'kelvin',
    // In lower case the Kelvin sign is an ASCII k.
    email: '\u212aelvin@acme.test',
    reason: 'email_missing',
    words: 'yours doesn’t show one',
  },
  {
    name: 'stranger',
    stranger: true,
    reason: 'other_workspace',
    words: 'Your Slack account belongs to another workspace',
  },
  {
    name: 'partner',
    stranger: true,
    teamId: OTHER_TEAM,
    enterpriseId: OTHER_ENTERPRISE,
    reason: 'other_workspace',
    words: 'Your Slack account belongs to another workspace',
  },
  {
    name: 'visitor',
    teamId: OTHER_TEAM,
    reason: 'other_workspace',
    words: 'Your Slack account belongs to another workspace',
  },
  {
    name: 'rival',
    teamId: OTHER_TEAM,
    enterpriseId: OTHER_ENTERPRISE,
    reason: 'other_workspace',
    words: 'Your Slack account belongs to another workspace',
  },
];

const served: (Profile & { why: string })[] = [
  {
    name: 'colleague',
    teamId: OTHER_TEAM,
    enterpriseId: ENTERPRISE.id,
    why: 'of another workspace of the same enterprise',
  },
  { name: 'shouting', email: 'SHOUTING@Acme.TEST', why: 'whose address Slack writes in other letters' },
  {
    name: 'unsaid',
    emailConfirmed: 'omitted',
    why: 'of whom Slack does not say whether the address is confirmed',
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
 * What Keysmith posts to the response URL of a command. Slack lets neither bots nor deactivated users type one, so it is
 * delivered as if they had.
 */
async function answerTo(name: string, text: string): Promise<string> {
  const { slack } = workspace;
  const before = slack.traffic.length;
  await slack.deliver({ command: '/wandb', text }, { as: name, conversation: 'C0RANDOM01' });
  const answer = await vi.waitUntil(
    () => slack.traffic.slice(before).find((record) => record.method === 'response_url' && record.answer),
    { timeout: 10_000 },
  );
  expect(answer.answer).toMatchObject({ status: 200 });
  expect(answer.payload).toMatchObject({ response_type: 'ephemeral' });
  return visibleText(answer.payload as PageMessage);
}

const recorded = () => workspace.rows('select sequence from audit_events').length;
/** What the log says of refusals of somebody whom the record does not name. */
const unrecorded = (name: string): Record<string, unknown>[] =>
  workspace
    .logs()
    .split('\n')
    .filter((line) => line.includes('refused, not recorded') && line.includes(`"${idOf(name)}"`))
    .map((line) => JSON.parse(line));
const accounts = () => workspace.rows('select id from service_accounts');

describe('Who is no person of this workspace is refused in words, whatever role the address has', () => {
  test.each(refused)('$name: $reason', async ({ name, reason, words }) => {
    const before = recorded();

    for (const text of ['sa new', 'sa list', 'sa revoke nightly-eval']) {
      const answer = await answerTo(name, text);

      expect(answer).toContain(words);
      expect(answer).toMatch(/Reference ks_/);
      expect(answer).not.toContain('ml-platform');
    }

    expect(workspace.slack.as(name).view()).toBeUndefined();
    expect(accounts()).toEqual([]);
    // They can't fill the record: they stand in the log alone, counted.
    expect(recorded()).toBe(before);
    const lines = unrecorded(name);
    expect(lines).toMatchObject(Array(3).fill({ reason, count: expect.any(Number) }));
    expect(lines[2]?.count).toBe(Number(lines[0]?.count) + 2);
  });

  test('a user whom Slack does not know', async () => {
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

describe('Who is one is served', () => {
  test.each(served)('somebody $why', async ({ name }) => {
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
