import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { API_KEY_PATTERN, parseApiKey } from '../../../src/domain/keys/api-key.ts';
import type { Block } from '../../../src/sandbox/slack/protocol/page-protocol.ts';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { keyIn, openForm } from '../../world/new-account-form.ts';
import { type RunningWorkspace, startWorkspace, type Transport } from '../../world/running-workspace.ts';
import { ADA } from '../acme-people.ts';

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

describe('The form New service account', () => {
  test('focuses Name when it opens, and leaves the focus alone when its fields change', async () => {
    await openForm(ada, 'random');
    const focused = () => inputs().filter(({ element: { focus_on_load } }) => focus_on_load === true);

    expect(focused().map(({ block_id }) => block_id)).toEqual(['name']);
    await choose('federated');
    expect(focused()).toEqual([]);
  });

  test('has the limits of the rules on its text fields, which Slack then enforces', async () => {
    await openForm(ada, 'random');
    await choose('federated');

    expect(element('name')).toMatchObject({ min_length: 3, max_length: 64 });
    expect(element('subject')).toMatchObject({ max_length: 1_024 });
    expect(element('purpose')).toMatchObject({ max_length: 300 });
    expect(element('used_by')).toMatchObject({ max_length: 150 });
  });

  test('opens with a name that is too short, and no minimum that Slack might check it against', async () => {
    await openForm(ada, 'random', '/wandb sa new ab');

    expect(element('name')).toMatchObject({ initial_value: 'ab', max_length: 64 });
    expect(element('name')).not.toHaveProperty('min_length');
    expect(await ada.submit()).toMatchObject({ errors: { name: expect.stringContaining('at least 3') } });
  });

  test('has its labelled fields in order, each an input block', async () => {
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

  test('has Issuer and Subject instead of Expires for a federated account', async () => {
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

  test('is preset to the only team, an API key for 90 days and the caller as contact', async () => {
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

  test('offers exactly the two methods, four lifetimes and a date', async () => {
    await openForm(ada, 'random');

    expect(optionTexts('method')).toEqual(['Generate API key (Built-in)', 'Federated identity (External)']);
    expect(optionTexts('expires')).toEqual(['30 days', '90 days', '180 days', '365 days', 'On a date…']);
  });

  test('offers the registered issuers in the order of the teams file, none of them preselected', async () => {
    await openForm(ada, 'random');
    await choose('federated');

    expect(optionTexts('issuer')).toEqual([GITHUB, GITLAB]);
    expect(ada.values().issuer).toBeNull();
  });

  test('offers a team admin only that team, and an organization admin every team', async () => {
    await openForm(ada, 'random');
    expect(optionTexts('team')).toEqual(['ml-platform']);

    const cy = workspace.slack.as('Cy');
    await openForm(cy, 'random');
    const [team] = cy.view()?.blocks ?? [];
    expect((team as Input).element.options).toMatchObject([{ value: 'ml-platform' }, { value: 'research' }]);
    await cy.close();
  });

  test('requires a name, and leaves Purpose and Used by optional', async () => {
    await openForm(ada, 'random');

    expect(await ada.submit()).toEqual({ ok: false, error: 'errors', errors: { name: expect.any(String) } });
    expect(
      inputs()
        .filter(({ optional }) => optional)
        .map(({ block_id }) => block_id),
    ).toEqual(['purpose', 'used_by']);
  });

  test('seals its response URL and the rest of its metadata', async () => {
    await openForm(ada, 'random');

    const opened = workspace.slack.traffic.findLast(({ method }) => method === 'views.open');
    expect(opened?.body).toContain('private_metadata');
    expect(opened?.body).not.toMatch(/commands(\/|%2F)T0ACME0001/);
    expect(opened?.body).not.toContain('127.0.0.1');
  });
});

test('The form opens as a loading view when it takes longer than its trigger is valid, and is filled in later', async () => {
  const workspace = await startWorkspace({ keysmith: { timing: { loadingAfterMs: 100 } } });
  onTestFinished(() => workspace.stop());
  const ada = workspace.slack.as('Ada');
  workspace.slack.failures.set('users.info', { kind: 'slow', delayMs: 500 }, { times: 1 });
  await ada.command('random', '/wandb sa new late-eval --team ml-platform');

  const loading = await ada.waitForView('Looking up your teams');
  expect(loading.submit).toBeUndefined();
  const form = await ada.waitForView((view) => view.submit === 'Create');

  expect(form.id).toBe(loading.id);
  expect(visibleText(form)).toContain('Authentication method');
  expect(ada.values()).toMatchObject({ name: 'late-eval', team: 'ml-platform' });
});

describe.each<Transport>(['http', 'socket'])('Creating an account with a key over %s', (transport) => {
  let workspace: RunningWorkspace;
  beforeEach(async () => {
    workspace = await startWorkspace({ transport });
  });
  afterEach(() => workspace.stop());

  test('shows the key once, only to the person who asked, and stores its hash', async () => {
    const ada = workspace.slack.as('Ada');
    await openForm(ada, 'ml-platform');
    await ada.fill('name', 'nightly-eval');

    expect(await ada.submit()).toEqual({ ok: true });
    const message = await ada.waitForMessage('ml-platform', API_KEY_PATTERN);
    await ada.waitUntilClosed();

    const key = keyIn(message) ?? '';
    const keyId = parseApiKey(key)?.keyId;
    expect(message.ephemeral).toBe(true);
    expect(message.text).not.toMatch(API_KEY_PATTERN);
    expect(workspace.slack.as('Ben').messages('ml-platform')).toEqual([]);
    expect(workspace.rows('select key_id, secret_hash from api_keys')).toEqual([
      { key_id: keyId, secret_hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
    ]);
    expect((await workspace.audit()).map(({ action }) => action).slice(-2)).toEqual([
      'service_account.created',
      'api_key.delivered',
    ]);
    expect(workspace.logs()).not.toContain(parseApiKey(key)?.secret);
  });
});
