import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { openForm } from '../../world/new-account-form.ts';
import { type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';
import { BEN } from '../acme-people.ts';

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

const ids = () =>
  (ada.view()?.blocks ?? []).filter(({ type }) => type === 'input').map(({ block_id }) => block_id);

const waitForField = (blockId: string) =>
  ada.waitForView((view) => view.blocks.some(({ block_id }) => block_id === blockId));
async function choose(method: 'api_key' | 'federated'): Promise<void> {
  await ada.fill('method', method);
  await waitForField(method === 'federated' ? 'subject' : 'expires');
}

const KEY_FIELDS = ['team', 'name', 'method', 'expires', 'purpose', 'used_by', 'contact'];
const FEDERATED_FIELDS = ['team', 'name', 'method', 'issuer', 'subject', 'purpose', 'used_by', 'contact'];

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

  test('swaps the fields below it in the same view, in both directions', async () => {
    await openForm(ada, 'random');
    const { id } = ada.view() ?? {};
    expect(ids()).toEqual(KEY_FIELDS);

    await choose('federated');
    expect(ids()).toEqual(FEDERATED_FIELDS);
    await choose('api_key');
    expect(ids()).toEqual(KEY_FIELDS);

    expect(ada.views().map((view) => view.id)).toEqual([id]);
  });

  test('keeps the values of the fields that stay', async () => {
    await openForm(ada, 'random');
    await fillIn(typed);

    await choose('federated');
    expect(ada.values()).toMatchObject({ ...kept, method: 'federated' });
    await choose('api_key');
    expect(ada.values()).toMatchObject({ ...kept, method: 'api_key' });
  });

  test('keeps the values of the fields it hides', async () => {
    await openForm(ada, 'random');
    await ada.fill('expires', '365');
    await choose('federated');
    await fillIn({ issuer: GITLAB, subject: 'repo:acme/eval:ref:refs/heads/main' });

    await choose('api_key');
    expect(ada.values().expires).toBe('365');
    await choose('federated');

    expect(ada.values()).toMatchObject({ issuer: GITLAB, subject: 'repo:acme/eval:ref:refs/heads/main' });
  });

  test('doesn’t restore a value that was cleared before its field was hidden', async () => {
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

  test('keeps the longest subject, in characters of three bytes', async () => {
    const subject = 'ｓ'.repeat(255);
    await openForm(ada, 'random');
    await choose('federated');
    await ada.fill('subject', subject);

    await choose('api_key');
    await choose('federated');

    expect(ada.values().subject).toBe(subject);
  });

  test('swaps the fields even when their values can’t be kept', async () => {
    await openForm(ada, 'random');
    await choose('federated');
    await ada.fill('subject', '\u0001'.repeat(3_000));
    await ada.fill('purpose', '🗝'.repeat(1_500));

    await choose('api_key');

    expect(ids()).toEqual(KEY_FIELDS);
    expect(ada.values().purpose).toBe('🗝'.repeat(1_500));
  });

  test('creates the account from the fields that are shown, without the hidden ones', async () => {
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

  test('shows the fields instead of creating an account when the form was submitted before they were swapped', async () => {
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
