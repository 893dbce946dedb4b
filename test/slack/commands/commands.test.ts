import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { openForm } from '../../world/new-account-form.ts';
import { type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';
import { ask, markupOf } from '../ask.ts';

/** These commands have no effect, so they share one workspace. */
let workspace: RunningWorkspace;
let ada: SlackPerson;

beforeAll(async () => {
  workspace = await startWorkspace();
  ada = workspace.slack.as('Ada');
});
afterAll(() => workspace.stop());

const accounts = () => workspace.rows('select id from service_accounts');
const HELP = 'Only you can see these messages.';

describe('The usage', () => {
  test.each([
    '/wandb',
    '/wandb help',
    '/wandb HELP',
    '/wandb service-account',
    '/wandb sa',
    '/wandb sa help',
  ])('is shown for %s, only to the person who asked', async (line) => {
    const message = await ask(ada, 'ml-platform', line);

    expect(message.ephemeral).toBe(true);
    const text = visibleText(message);
    for (const usage of [
      'new [name] [--team T]',
      'list [--team T]',
      'revoke NAME [--team T]',
      '`sa` is short',
    ])
      expect(text).toContain(usage);
    expect(workspace.slack.as('Ben').messages('ml-platform')).toEqual([]);
  });

  test('is shown to everyone, even to people without a team', async () => {
    expect(visibleText(await ask(workspace.slack.as('Dee'), 'random', '/wandb help'))).toContain(HELP);
  });
});

describe('A command that opens the form', () => {
  test.each([
    '/wandb service-account new nightly-eval --team ml-platform',
    '/wandb sa new nightly-eval --team ml-platform',
    '/wandb   SA  New   nightly-eval   --Team   ml-platform  ',
    '/wandb new nightly-eval --team ml-platform',
    '/wandb sa new “nightly-eval” —team ‘ml-platform’',
    '/wandb sa new nightly–eval –team=ml‑platform',
    '/wandb sa\u00a0new\u3000--team\u2003ml-platform nightly-eval',
    '/wandb \u200bs\u200da new night\u00adly-eval\u202c --team ml-platform\ufeff',
  ])('fills in the name and team of %j', async (line) => {
    await openForm(ada, 'random', line);

    expect(ada.values()).toMatchObject({ name: 'nightly-eval', team: 'ml-platform' });
    await ada.close();
  });

  test.each([
    ['ENV-key', 'env-key'],
    ['"Nightly Eval"', 'nightly-eval'],
    ['nightly_eval', 'nightly-eval'],
    ['Évaluation--nocturne', 'evaluation-nocturne'],
  ])('fills in the nearest valid name for %s, and says so', async (typed, name) => {
    await openForm(ada, 'random', `/wandb sa new ${typed}`);

    expect(ada.values()).toMatchObject({ name });
    const shown = typed.replaceAll('"', '');
    expect(visibleText(ada.view() ?? expect.fail('no form'))).toContain(`so “${shown}” became “${name}”.`);
    await ada.close();
  });

  test('says that a name of 10,000 characters is too long, and leaves the field empty', async () => {
    await openForm(ada, 'random', `/wandb sa new ${'x'.repeat(10_000)}`);

    expect(ada.values().name ?? '').toBe('');
    expect(visibleText(ada.view() ?? expect.fail('no form'))).toMatch(
      /Account names can have at most 64 characters, so “x{60}…” wasn’t filled in\./,
    );
    await ada.close();
  });

  test.each([
    '*bold*_name_',
    '<@u0ben00002>',
    '<https://evil.test|click>',
    '&lt;!channel&gt;',
    ':key:',
    '`code`',
    "'; drop table service_accounts; --'",
  ])('shows the name %j in its field as typed, and never as markup', async (name) => {
    await openForm(ada, 'random', `/wandb sa new "${name}"`);

    const view = ada.view();
    expect(ada.values().name).toBe(name.replaceAll("'", ''));
    expect(view && markupOf(view)).not.toContain(name);
    expect(await ada.submit()).toMatchObject({ error: 'errors', errors: { name: expect.any(String) } });
    await ada.close();
    expect(accounts()).toEqual([]);
  });
});

describe('A command that Keysmith doesn’t understand', () => {
  test.each([
    ['/wandb nwe', 'Unknown command “nwe”. Did you mean /wandb service-account new?'],
    ['/wandb sa lsit', 'Unknown command “lsit”. Did you mean /wandb service-account list?'],
    ['/wandb sa creat nightly-eval', 'Unknown command “creat”. Did you mean /wandb service-account new?'],
    [
      '/wandb sa delete nightly-eval',
      'Unknown command “delete”. Did you mean /wandb service-account revoke?',
    ],
    [
      '/wandb service-acount list',
      'Unknown command “service-acount”. Did you mean /wandb service-account list?',
    ],
    ['/wandb halp', 'Unknown command “halp”. Did you mean /wandb help?'],
    ['/wandb team edit research', 'Unknown command “edit”. Did you mean /wandb team show research?'],
    [
      '/wandb sa list --status foo',
      'Unknown status “foo”. The statuses are active, expiring, unused, unowned, revoked.',
    ],
    ['/wandb xylophone', 'Unknown command “xylophone”.'],
    ['/wandb constructor', 'Unknown command “constructor”.'],
    ['/wandb sa new --tema research', 'Unknown option “--tema”. Did you mean --team?'],
    ['/wandb sa new x -force', 'Unknown option “-force”.'],
    [
      '/wandb sa new nightly-eval weekly-eval',
      'Unexpected “weekly-eval”. Names can’t contain spaces; try nightly-eval-weekly-eval.',
    ],
    ['/wandb sa list research', 'Unexpected “research”. To name one team, use --team research.'],
    ['/wandb sa list my team', 'Unexpected “my”. To name one team, use --team "my team".'],
    ['/wandb sa revoke', 'Add the name: /wandb service-account revoke NAME.'],
    ['/wandb sa new --team', 'Add a value after --team: --team NAME.'],
  ])('shows what is wrong in one line, and does nothing, for %s', async (line, text) => {
    const message = await ask(ada, 'random', line);

    expect(message.ephemeral).toBe(true);
    expect(visibleText(message)).toBe(`${text} To see all commands, run /wandb help.`);
    expect(ada.view()).toBeUndefined();
  });

  test.each([
    ['/wandb sa list --team ML-Platform', 'You don’t have a team named “ML-Platform”.', '`ml-platform`'],
    ['/wandb sa new --team ml-platfrom', 'You don’t have a team named “ml-platfrom”.', '`ml-platform`'],
    ['/wandb sa revoke x-eval --team ml', 'You don’t have a team named “ml”.', '`ml-platform`'],
  ])(
    'names the unknown team and suggests the nearest of the person’s own for %s',
    async (line, text, nearest) => {
      const message = await ask(ada, 'random', line);

      expect(visibleText(message)).toContain(text);
      expect(visibleText(message)).toContain(`Did you mean ${nearest}?`);
      expect(visibleText(message)).not.toContain(HELP);
    },
  );

  test('never suggests a team that the person isn’t in', async () => {
    const message = await ask(ada, 'random', '/wandb sa list --team reserch');

    expect(visibleText(message)).toContain('You don’t have a team named “reserch”.');
    expect(visibleText(message)).not.toContain('Did you mean');
  });

  test.each([
    ['one word', 'x'.repeat(10_000)],
    ['many words', 'sa new '.concat('word '.repeat(2_000))],
    ['an account to revoke', `sa revoke ${'x'.repeat(10_000)}`],
    ['an option', `sa list --${'x'.repeat(10_000)}`],
    ['letters of four bytes', '🗝'.repeat(5_000)],
  ])('is quoted in short when it is 10,000 characters long, as %s', async (_what, text) => {
    const message = await ask(ada, 'random', `/wandb ${text}`);

    expect(visibleText(message)).toMatch(/run \/wandb (help|service-account list)/i);
    expect(visibleText(message).length).toBeLessThan(400);
  });

  test.each([
    '<@u0ben00002>',
    '<!channel>',
    '<https://evil.test|click>',
    '*bold*',
    '_italic_',
    '~gone~',
    ':key:',
    '&amp;',
    '`code`',
  ])('shows %s as typed, and never as markup', async (typed) => {
    const lines = [
      `/wandb ${typed}`,
      `/wandb sa ${typed}`,
      `/wandb sa new one ${typed}`,
      `/wandb sa revoke ${typed}`,
      `/wandb sa list --${typed}`,
    ];
    for (const line of lines) {
      const message = await ask(ada, 'random', line);

      expect(visibleText(message)).toContain(typed);
      expect(markupOf(message)).not.toContain(typed);
      for (const block of message.blocks) expect(JSON.stringify(block)).not.toContain('"emoji":true');
    }
  });

  test('is quoted without direction marks and line breaks', async () => {
    const message = await ask(ada, 'random', '/wandb "user\u202eexe\nfile"');

    expect(visibleText(message)).toContain('“userexe file”');
  });
});

test('Commands that show usage or open the form leave nothing in the database', async () => {
  expect(accounts()).toEqual([]);
  const actions = (await workspace.audit()).map(({ action }) => action);
  expect(actions.filter((action) => /^service_account.(?!.*_refused)/.test(action))).toEqual([]);
});
