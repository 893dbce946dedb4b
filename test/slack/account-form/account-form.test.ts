import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Block } from '../../../src/sandbox/slack/protocol/page-protocol.ts';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { openForm } from '../../world/new-account-form.ts';
import { type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';
import { ADA, BEN } from '../acme-people.ts';

const GITHUB = 'https://token.actions.githubusercontent.com';
const GITLAB = 'https://gitlab.acme.test';

let workspace: RunningWorkspace;
let ada: SlackPerson;

beforeAll(async () => {
  workspace = await startWorkspace();
  ada = workspace.slack.as('Ada');
});
afterEach(async () => {
  if (ada.view()) await ada.close();
});
afterAll(() => workspace.stop());

type Input = Block & {
  label: { text: string };
  element: { type: string; action_id: string; [key: string]: unknown };
};

const blocks = () => (ada.view()?.blocks ?? []) as Input[];
const inputs = () => blocks().filter(({ type }) => type === 'input');
const ids = () => inputs().map(({ block_id }) => block_id);
const element = (blockId: string) => inputs().find(({ block_id }) => block_id === blockId)?.element;
const optionTexts = (blockId: string) =>
  ((element(blockId)?.options ?? []) as { text: { text: string } }[]).map(({ text }) => text.text);

const waitForField = (blockId: string) =>
  ada.waitForView((view) => view.blocks.some(({ block_id }) => block_id === blockId));
async function choose(method: 'api_key' | 'federated'): Promise<void> {
  await ada.fill('method', method);
  await waitForField(method === 'federated' ? 'subject' : 'expires');
}

const KEY_FIELDS = ['team', 'name', 'method', 'expires', 'purpose', 'used_by', 'contact'];
const FEDERATED_FIELDS = ['team', 'name', 'method', 'issuer', 'subject', 'purpose', 'used_by', 'contact'];

describe('The form New service account', () => {
  test('has its fields in order, all of them input blocks, labelled with the words of the design', async () => {
    await openForm(ada, 'random');

    expect(ada.view()).toMatchObject({ title: 'New service account', submit: 'Create', close: 'Cancel' });
    expect(blocks().map(({ type }) => type)).toEqual(KEY_FIELDS.map(() => 'input'));
    expect(inputs().map(({ block_id, label }) => [block_id, label.text])).toEqual([
      ['team', 'Team'],
      ['name', 'Name'],
      ['method', 'Authentication method'],
      ['expires', 'Expires'],
      ['purpose', 'Purpose'],
      ['used_by', 'Used by'],
      ['contact', 'Contact'],
    ]);
    for (const {
      block_id,
      element: { action_id },
    } of inputs())
      expect(action_id).toBe(block_id);
  });

  test('has a federated account’s fields in their place', async () => {
    await openForm(ada, 'random');
    await choose('federated');

    expect(inputs().map(({ block_id, label }) => [block_id, label.text])).toEqual([
      ['team', 'Team'],
      ['name', 'Name'],
      ['method', 'Authentication method'],
      ['issuer', 'Issuer'],
      ['subject', 'Subject'],
      ['purpose', 'Purpose'],
      ['used_by', 'Used by'],
      ['contact', 'Contact'],
    ]);
  });

  test('starts with the only team, 90 days, a built-in key and the caller as contact', async () => {
    await openForm(ada, 'random');

    expect(ada.values()).toEqual({
      team: 'ml-platform',
      name: null,
      method: 'api_key',
      expires: '90',
      purpose: null,
      used_by: null,
      contact: ADA,
    });
  });

  test('offers exactly the methods and lifetimes of the design', async () => {
    await openForm(ada, 'random');

    expect(optionTexts('method')).toEqual(['Generate API key (Built-in)', 'Federated identity (External)']);
    expect(optionTexts('expires')).toEqual(['30 days', '90 days', '180 days', '365 days']);
  });

  test('offers the registered issuers by their URL, one of them preselected', async () => {
    await openForm(ada, 'random');
    await choose('federated');

    expect(optionTexts('issuer').sort()).toEqual([GITLAB, GITHUB]);
    expect([GITLAB, GITHUB]).toContain(ada.values().issuer);
  });

  test('offers a team’s admin that team alone, and an organization admin every team', async () => {
    await openForm(ada, 'random');
    expect(optionTexts('team')).toEqual(['ml-platform']);

    const cy = workspace.slack.as('Cy');
    await openForm(cy, 'random');
    const [team] = cy.view()?.blocks ?? [];
    expect((team as Input).element.options).toMatchObject([{ value: 'ml-platform' }, { value: 'research' }]);
    await cy.close();
  });

  test('wants a name, which Slack asks for, and leaves purpose and used by to the person', async () => {
    await openForm(ada, 'random');

    expect(await ada.submit()).toEqual({ ok: false, error: 'errors', errors: { name: expect.any(String) } });
    expect(
      inputs()
        .filter(({ optional }) => optional)
        .map(({ block_id }) => block_id),
    ).toEqual(['purpose', 'used_by']);
  });

  test('keeps its response URL and everything else it carries along sealed', async () => {
    await openForm(ada, 'random');

    const opened = workspace.slack.traffic.findLast(({ method }) => method === 'views.open');
    expect(opened?.body).toContain('private_metadata');
    expect(opened?.body).not.toMatch(/commands(\/|%2F)T0ACME0001/);
    expect(opened?.body).not.toContain('127.0.0.1');
  });
});

describe('Choosing the other authentication method', () => {
  const typed = {
    name: 'nightly-eval',
    purpose: 'Evaluates\nevery night',
    used_by: 'Airflow',
    contact: 'ben',
  };
  const kept = { ...typed, contact: BEN, team: 'ml-platform' };
  const fillIn = async (values: Record<string, string>) => {
    for (const [field, value] of Object.entries(values)) await ada.fill(field, value);
  };

  test('swaps the fields below it in the same view, and back', async () => {
    await openForm(ada, 'random');
    const { id } = ada.view() ?? {};
    expect(ids()).toEqual(KEY_FIELDS);

    await choose('federated');
    expect(ids()).toEqual(FEDERATED_FIELDS);
    await choose('api_key');
    expect(ids()).toEqual(KEY_FIELDS);

    expect(ada.views().map((view) => view.id)).toEqual([id]);
  });

  test('keeps what was typed in the fields that stay', async () => {
    await openForm(ada, 'random');
    await fillIn(typed);

    await choose('federated');
    expect(ada.values()).toMatchObject({ ...kept, method: 'federated' });
    await choose('api_key');
    expect(ada.values()).toMatchObject({ ...kept, method: 'api_key' });
  });

  test('keeps what was chosen in the fields that are hidden meanwhile', async () => {
    await openForm(ada, 'random');
    await ada.fill('expires', '365');
    await choose('federated');
    await fillIn({ issuer: GITLAB, subject: 'repo:acme/eval:ref:refs/heads/main' });

    await choose('api_key');
    expect(ada.values().expires).toBe('365');
    await choose('federated');

    expect(ada.values()).toMatchObject({ issuer: GITLAB, subject: 'repo:acme/eval:ref:refs/heads/main' });
  });

  test('does not bring back what was cleared before the fields were hidden', async () => {
    await openForm(ada, 'random');
    await choose('federated');
    await ada.fill('subject', 'repo:acme/eval');
    await choose('api_key');
    await choose('federated');
    await ada.fill('subject', null);

    await choose('api_key');
    await choose('federated');

    expect(ada.values().subject).toBeNull();
  });

  test('keeps the longest subject, in letters of three bytes', async () => {
    const subject = 'ｓ'.repeat(255);
    await openForm(ada, 'random');
    await choose('federated');
    await ada.fill('subject', subject);

    await choose('api_key');
    await choose('federated');

    expect(ada.values().subject).toBe(subject);
  });

  test('swaps the fields whatever stands in them', async () => {
    await openForm(ada, 'random');
    await choose('federated');
    await ada.fill('subject', '\u0001'.repeat(3_000));
    await ada.fill('purpose', '🗝'.repeat(1_500));

    await choose('api_key');

    expect(ids()).toEqual(KEY_FIELDS);
    expect(ada.values().purpose).toBe('🗝'.repeat(1_500));
  });

  test('makes the account with the fields that are shown, and nothing of the hidden ones', async () => {
    await openForm(ada, 'ml-platform');
    await fillIn(typed);
    await choose('federated');
    await ada.fill('subject', 'repo:acme/eval');
    await choose('api_key');
    await ada.fill('expires', '30');

    expect(await ada.submit()).toEqual({ ok: true });
    await ada.waitForMessage('ml-platform', 'nightly-eval');

    expect(
      workspace.rows(
        'select name, authentication_method as method, issuer, subject, purpose, used_by, contact from service_accounts',
      ),
    ).toEqual([
      {
        name: 'nightly-eval',
        method: 'api_key',
        issuer: null,
        subject: null,
        purpose: typed.purpose,
        used_by: typed.used_by,
        contact: BEN,
      },
    ]);
    const [key] = workspace.rows<{ life: number }>(
      'select expires_at_ms - created_at_ms as life from api_keys',
    );
    expect(key?.life).toBe(30 * 24 * 3_600_000);
  });

  test('sent off before the fields were swapped, the form shows them instead of making anything', async () => {
    const before = workspace.rows('select id from service_accounts').length;
    await openForm(ada, 'random');
    await ada.fill('name', 'hasty-eval');
    const federated = {
      text: { type: 'plain_text', text: 'Federated identity (External)' },
      value: 'federated',
    };

    const state = { method: { method: { type: 'radio_buttons', selected_option: federated } } };
    expect(await ada.submit({ state })).toEqual({ ok: true });
    await waitForField('subject');

    expect(ada.values()).toMatchObject({ name: 'hasty-eval', method: 'federated' });
    expect(workspace.rows('select id from service_accounts')).toHaveLength(before);
  });
});

test('a form that takes longer than a trigger lives appears at once, without submit, and is filled in', async () => {
  workspace.slack.failures.set('users.info', { kind: 'slow', delayMs: 1_500 }, { times: 1 });
  await ada.command('random', '/wandb sa new late-eval --team ml-platform');

  const loading = await ada.waitForView('Looking up your teams');
  expect(loading.submit).toBeUndefined();
  const form = await ada.waitForView((view) => view.submit === 'Create');

  expect(form.id).toBe(loading.id);
  expect(visibleText(form)).toContain('Authentication method');
  expect(ada.values()).toMatchObject({ name: 'late-eval', team: 'ml-platform' });
});
