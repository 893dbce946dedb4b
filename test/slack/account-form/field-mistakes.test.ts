import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { endAccount } from '../../journeys/steps.ts';
import { createAccount, keyIn, openForm } from '../../world/new-account-form.ts';
import { type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';

const DAY_MS = 24 * 3_600_000;

let workspace: RunningWorkspace;
let ada: SlackPerson;
const start = async () => {
  workspace = await startWorkspace();
  ada = workspace.slack.as('Ada');
};
const errors = (at: Record<string, string>) => ({ ok: false, error: 'errors', errors: at });
const accounts = () =>
  workspace.rows<{ name: string }>('select name from service_accounts').map(({ name }) => name);

describe('A mistake in the form', () => {
  beforeAll(async () => {
    await start();
    await openForm(ada, 'random');
  });
  afterEach(() => {
    expect(accounts()).toEqual([]);
    expect(workspace.rows('select * from submissions')).toEqual([]);
  });
  afterAll(() => workspace.stop());

  const CHARACTERS = 'Use lowercase letters, digits and hyphens only, such as nightly-eval.';
  const HYPHENS = 'Use single hyphens, and only between letters or digits, such as nightly-eval.';
  const MEANINGLESS =
    'Use a name that says what the account is for, such as ci-model-training or nightly-eval.';

  test.each([
    ['two characters', 'ab', 'Use at least 3 characters, such as nightly-eval.'],
    ['spaces alone', '   ', 'Use at least 3 characters, such as nightly-eval.'],
    ['65 characters', `a${'b'.repeat(64)}`, 'Use at most 64 characters.'],
    ['3,000 characters', 'x'.repeat(3_000), 'Use at most 64 characters.'],
    ['upper case', 'Nightly-Eval', 'Use lowercase letters only, such as nightly-eval.'],
    ['an underscore', 'nightly_eval', CHARACTERS],
    ['a space', 'nightly eval', CHARACTERS],
    ['a line break', 'nightly\neval', CHARACTERS],
    ['letters beyond ASCII', 'nächtlich', CHARACTERS.replace('nightly-eval', 'nachtlich')],
    ['letters that look like ASCII', 'nightly-еval', CHARACTERS],
    ['full-width letters', 'ｎｉｇｈｔｌｙ', CHARACTERS.replace('nightly-eval', 'nightly')],
    ['an emoji', 'nightly-🌙', CHARACTERS],
    ['a right-to-left mark', 'nightly\u200f-eval', CHARACTERS],
    ['a direction override', 'nightly-\u202elave', CHARACTERS],
    ['an invisible space', 'nightly\u200beval', CHARACTERS],
    ['a null character', 'nightly\u0000eval', CHARACTERS],
    ['SQL', "x'; drop table service_accounts; --", CHARACTERS],
    ['mrkdwn', '*nightly*', CHARACTERS],
    ['a link', '<https://evil.test|nightly>', CHARACTERS],
    ['a mention', '<!channel>', CHARACTERS],
    ['a path', '../nightly', CHARACTERS.replace('nightly-eval', 'nightly')],
    ['a hyphen first', '-nightly', HYPHENS.replace('nightly-eval', 'nightly')],
    ['a hyphen last', 'weekly-train-', HYPHENS.replace('nightly-eval', 'weekly-train')],
    ['two hyphens together', 'nightly--eval', HYPHENS],
    ['hyphens alone', '---', HYPHENS],
    ['test', 'test', MEANINGLESS],
    ['temp', 'temp', MEANINGLESS],
    ['a numbered service account', 'service-account-1', MEANINGLESS],
    ['empty words together', 'my-new-test-bot2', MEANINGLESS],
    ['digits alone', '12345', MEANINGLESS],
  ])('is shown at Name, and creates nothing, for %s', async (_what, name, text) => {
    await ada.fill('name', name);

    expect(await ada.submit({ unchecked: true })).toEqual(errors({ name: text }));
  });

  test('is also shown for no name and 10,000 characters, which Slack’s own form rejects', async () => {
    const holding = (value: string | null) => ({ name: { name: { type: 'plain_text_input', value } } });

    expect(await ada.submit({ unchecked: true, state: holding(null) })).toEqual(
      errors({ name: 'Use at least 3 characters, such as nightly-eval.' }),
    );
    expect(await ada.submit({ unchecked: true, state: holding('x'.repeat(10_000)) })).toEqual(
      errors({ name: 'Use at most 64 characters.' }),
    );
  });

  test.each([
    ['name', 'ab', 'Please enter at least 3 characters.'],
    ['name', 'x'.repeat(65), expect.stringContaining('64')],
    ['purpose', 'x'.repeat(301), expect.stringContaining('300')],
    ['used_by', 'x'.repeat(151), expect.stringContaining('150')],
  ])('is already rejected by Slack’s form at %s where its length is wrong', async (field, typed, text) => {
    const before = workspace.slack.traffic.length;
    await ada.fill('name', 'nightly-eval');
    await ada.fill(field, typed);

    expect(await ada.submit()).toEqual(errors({ [field]: text }));
    expect(workspace.slack.traffic.slice(before)).toEqual([]);
    await ada.fill(field, null);
  });

  test.each([
    ['purpose', 'x'.repeat(301), 'Use at most 300 characters.'],
    [
      'purpose',
      'Evaluates \u202eevery night',
      'Remove the invisible characters (control or direction marks).',
    ],
    ['purpose', 'Evaluates\u0007', 'Remove the invisible characters (control or direction marks).'],
    ['used_by', 'x'.repeat(151), 'Use at most 150 characters.'],
    ['used_by', 'Air\u200bflow', 'Remove the invisible characters (control or direction marks).'],
    ['used_by', 'Air\nflow', 'Remove the invisible characters (control or direction marks).'],
  ])('is shown at %s for %j', async (field, typed, text) => {
    await ada.fill('name', 'nightly-eval');
    await ada.fill(field, typed);

    expect(await ada.submit({ unchecked: true })).toEqual(errors({ [field]: text }));
    await ada.fill(field, null);
  });

  test('is shown together with all others, and the form keeps every value', async () => {
    await ada.fill('name', 'Test');
    await ada.fill('purpose', 'x'.repeat(301));
    await ada.fill('used_by', 'a\u202eb');
    const typed = ada.values();

    expect(await ada.submit({ unchecked: true })).toEqual(
      errors({
        name: 'Use lowercase letters only, such as nightly-eval.',
        purpose: 'Use at most 300 characters.',
        used_by: 'Remove the invisible characters (control or direction marks).',
      }),
    );

    expect(ada.values()).toEqual(typed);
  });
});

describe('A form without mistakes', () => {
  beforeEach(start);
  afterEach(() => workspace.stop());

  test.each(['abc', 'a1b', `a${'b'.repeat(63)}`, 'nightly-eval-2', 'test-nightly', '3d-vision'])(
    'creates an account with the name %s',
    async (name) => {
      await createAccount(ada, 'random', name);

      expect(accounts()).toEqual([name]);
    },
  );

  test('creates one account after its mistakes were fixed, without the spaces around typed text', async () => {
    await openForm(ada, 'random');
    await ada.fill('name', 'test');
    await ada.fill('purpose', 'x'.repeat(301));
    expect(await ada.submit()).toMatchObject({ error: 'errors' });
    await ada.fill('name', ' nightly-eval\t');
    await ada.fill('purpose', `${'x'.repeat(300)}😀`);
    expect(await ada.submit()).toMatchObject({ error: 'errors', errors: { purpose: expect.any(String) } });
    await ada.fill('purpose', ' *Evaluates* <@U0BEN00002>\nevery night 👩‍🚀 ');

    expect(await ada.submit()).toEqual({ ok: true });
    await ada.waitForMessage('random', (message) => !!keyIn(message));

    expect(workspace.rows('select name, purpose, used_by from service_accounts')).toEqual([
      { name: 'nightly-eval', purpose: '*Evaluates* <@U0BEN00002>\nevery night 👩‍🚀', used_by: null },
    ]);
  });
});

describe('The name of an account', () => {
  const TAKEN = 'This team already has an account with this name. Choose another name.';
  beforeEach(start);
  afterEach(() => workspace.stop());

  const submitNamed = async (name: string, line = '/wandb sa new') => {
    await openForm(ada, 'random', line);
    await ada.fill('name', name);
    const outcome = await ada.submit();
    if (!outcome.ok) await ada.close();
    return outcome;
  };
  const revoke = async (name: string) => {
    expect(await endAccount(ada, 'random', `/wandb sa revoke ${name}`)).toContain(
      `Revoked \`${name}\` in \`ml-platform\`.`,
    );
  };

  test('is rejected at its field when another account has it', async () => {
    await createAccount(ada, 'random', 'nightly-eval');

    expect(await submitNamed('nightly-eval')).toEqual(errors({ name: TAKEN }));
    expect(accounts()).toEqual(['nightly-eval']);
  });

  test('can be the same as in another team', async () => {
    await createAccount(ada, 'random', 'nightly-eval');
    const cy = workspace.slack.as('Cy');
    await openForm(cy, 'random', '/wandb sa new nightly-eval --team research');

    expect(await cy.submit()).toEqual({ ok: true });
    expect(accounts()).toEqual(['nightly-eval', 'nightly-eval']);
  });

  test('is free as soon as its account is revoked', async () => {
    await createAccount(ada, 'random', 'nightly-eval');
    await revoke('nightly-eval');
    expect(await submitNamed('nightly-eval')).toEqual({ ok: true });

    expect(
      workspace.rows(
        'select name, revoked_at_ms is null as active from service_accounts order by created_at_ms',
      ),
    ).toEqual([
      { name: 'nightly-eval', active: 0 },
      { name: 'nightly-eval', active: 1 },
    ]);
  });

  test('stays in use by an active account after its key expired', async () => {
    await createAccount(ada, 'random', 'nightly-eval');
    workspace.clock.advance(400 * DAY_MS);

    expect(await submitNamed('nightly-eval')).toEqual(errors({ name: TAKEN }));
  });
});
