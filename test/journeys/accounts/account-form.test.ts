import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { ADA, BEN } from '../../slack/acme-people.ts';
import { openForm } from '../../world/new-account-form.ts';
import { BACKENDS, type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';
import { chooseMethod } from '../steps.ts';

const GITHUB = 'https://token.actions.githubusercontent.com';

describe.each(BACKENDS)('The form New service account with the %s backend', (backend) => {
  let workspace: RunningWorkspace;
  let ada: SlackPerson;
  beforeAll(async () => {
    workspace = await startWorkspace({ backend });
    ada = workspace.slack.as('Ada');
  });
  afterEach(async () => {
    if (ada.view()) await ada.close();
  });
  afterAll(() => workspace.stop());

  const expires = backend === 'builtin' ? ['expires'] : [];
  const keyFields = ['team', 'name', 'method', ...expires, 'purpose', 'used_by', 'contact'];
  const federatedFields = ['team', 'name', 'method', 'issuer', 'subject', 'purpose', 'used_by', 'contact'];
  const fields = () => ada.view()?.blocks.map(({ block_id }) => block_id);

  test('has its fields in order, with known values filled in', async () => {
    await openForm(ada, 'ml-platform', '/wandb sa new nightly-eval');

    expect(fields()).toEqual(keyFields);
    expect(ada.values()).toMatchObject({
      team: 'ml-platform',
      name: 'nightly-eval',
      method: 'api_key',
      contact: ADA,
    });
  });

  test('swaps the fields of the method and keeps all typed values', async () => {
    await openForm(ada, 'random', '/wandb sa new nightly-eval');
    await ada.fill('purpose', 'Evaluates\nevery night');
    await ada.fill('contact', 'ben');
    await chooseMethod(ada, 'federated');
    expect(fields()).toEqual(federatedFields);
    await ada.fill('issuer', GITHUB);
    await ada.fill('subject', 'repo:acme/eval');

    await chooseMethod(ada, 'api_key');
    expect(fields()).toEqual(keyFields);
    await chooseMethod(ada, 'federated');

    expect(ada.values()).toMatchObject({
      name: 'nightly-eval',
      purpose: 'Evaluates\nevery night',
      contact: BEN,
      issuer: GITHUB,
      subject: 'repo:acme/eval',
    });
  });

  test.each(['federated', 'api_key'] as const)(
    'submitted with %s before its fields were swapped, shows those fields and creates nothing',
    async (method) => {
      await openForm(ada, 'random', '/wandb sa new hasty-eval');
      if (method === 'api_key') await chooseMethod(ada, 'federated');
      const label = method === 'federated' ? 'Federated identity (External)' : 'Generate API key (Built-in)';
      const chosen = { text: { type: 'plain_text', text: label }, value: method };
      const state = { method: { method: { type: 'radio_buttons', selected_option: chosen } } };

      if (method === 'api_key') {
        await ada.fill('issuer', GITHUB);
        await ada.fill('subject', 'repo:acme/eval');
      }
      expect(await ada.submit({ state })).toEqual({ ok: true });
      await ada.waitForView(
        ({ blocks }) => blocks.some(({ block_id }) => block_id === 'subject') === (method === 'federated'),
      );

      expect(ada.values()).toMatchObject({ name: 'hasty-eval', method });
      expect(workspace.rows('select id from service_accounts')).toEqual([]);
    },
  );

  test('shows errors of the name at its field', async () => {
    await openForm(ada, 'random', '/wandb sa new test');

    expect(await ada.submit()).toMatchObject({ error: 'errors', errors: { name: expect.any(String) } });
  });
});
