import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { AppResponse } from '../../../src/sandbox/slack/protocol/app-response.ts';
import type { InteractionPayload } from '../../../src/sandbox/slack/to-app/interaction-payloads.ts';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { keyIn, openForm } from '../../world/new-account-form.ts';
import { BACKENDS, type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';
import { holdResponse } from '../delivery/key-delivery.ts';
import { chooseMethod, ending, secretPart } from '../steps.ts';

let workspace: RunningWorkspace;
let ada: SlackPerson;
let submitted: InteractionPayload;
describe.each(BACKENDS)('With the %s backend', (backend) => {
  beforeEach(async () => {
    workspace = await startWorkspace({ backend });
    ada = workspace.slack.as('Ada');
    await openForm(ada, 'random');
    await ada.fill('name', 'nightly-eval');
  });
  afterEach(() => workspace.stop());

  /** Submits the form and stores the payload that Slack sent. */
  const submit = () =>
    ada.submit({
      payload: (payload) => {
        submitted = structuredClone(payload);
        return payload;
      },
    });
  let deliveries = 0;
  /** Submits the same payload again, as a second click would, with another trigger and signature. */
  const submitAgain = (changes: Partial<InteractionPayload> = {}): Promise<AppResponse> =>
    workspace.slack.deliver({ payload: { ...submitted, ...changes, trigger_id: `1.2.${++deliveries}` } });

  /** Returns the text of the view that a submission was responded with. */
  function viewIn(response: AppResponse): string {
    expect(response).toMatchObject({ kind: 'responded', status: 200 });
    const body = response.kind === 'responded' && response.body !== '' ? JSON.parse(response.body) : {};
    return body.response_action === 'update'
      ? visibleText({ ...body.view, title: body.view.title.text })
      : '';
  }
  const names = () =>
    workspace.rows<{ name: string }>('select name from service_accounts').map(({ name }) => name);
  const keys = () =>
    workspace.rows<{ key_id: string; revoked_at_ms: number | null }>(
      'select key_id, revoked_at_ms from api_keys',
    );
  const keyMessages = () => ada.messages('random').filter((message) => keyIn(message) !== undefined);
  const created = async () =>
    (await workspace.audit()).filter(({ action }) => action === 'service_account.created').length;
  const ALREADY_CREATED =
    '`nightly-eval` in `ml-platform` was already created from this form, so nothing new was created.';

  /** Part of both texts: that the account was created, or requested while the server is still creating it. */
  const BY_THIS_FORM = 'already';

  async function expectOnce(): Promise<void> {
    expect(names()).toEqual(['nightly-eval']);
    expect(keys()).toHaveLength(1);
    expect(workspace.rows('select * from deliveries')).toHaveLength(1);
    expect(await created()).toBe(1);
    expect(keyMessages()).toHaveLength(1);
  }

  describe('The same form submitted again has no second effect:', () => {
    test('one after the other, and the second response reports the same outcome without the secret', async () => {
      expect(await submit()).toEqual({ ok: true });
      const sent = keyIn(await ada.waitForMessage('random', (message) => !!keyIn(message))) ?? '';

      const responses = [await submitAgain(), await submitAgain()];

      const [key] = keys();
      for (const response of responses) {
        expect(viewIn(response)).toContain(
          `${ALREADY_CREATED} Its key (\`${key?.key_id}\`) was already sent to you.`,
        );
        expect(viewIn(response)).toMatch(/Reference ks_/);
        expect(response.kind === 'responded' && response.body).not.toContain(secretPart(sent));
      }
      await expectOnce();
    });

    test('six at once, with one account, one key and a matching response each', async () => {
      const first = submit();
      const responses = await Promise.all(Array.from({ length: 5 }, () => submitAgain()));
      expect(await first).toEqual({ ok: true });
      const sent = keyIn(await ada.waitForMessage('random', (message) => !!keyIn(message))) ?? '';

      // One of the six created the account and closed the form; the other five report it.
      for (const text of responses.map(viewIn).filter((one) => one !== ''))
        expect(text).toContain(BY_THIS_FORM);
      expect(responses.map(viewIn).filter((one) => one === '').length).toBeLessThanOrEqual(1);
      expect(JSON.stringify(responses)).not.toContain(secretPart(sent));
      await expectOnce();
    });

    test('while the first key is in flight, which the second response says', async () => {
      const respond = holdResponse(workspace, 'response_url');
      const first = submit();
      await expect.poll(() => keys().length, { timeout: 10_000 }).toBe(1);

      const text = viewIn(await submitAgain());

      expect(text).toContain(`${ALREADY_CREATED} Its key (\`${keys()[0]?.key_id}\`) is on its way to you.`);
      respond();
      expect(await first).toEqual({ ok: true });
      await ada.waitForMessage('random', (message) => !!keyIn(message));
      await expectOnce();
    });

    test('with different values in its fields', async () => {
      expect(await submit()).toEqual({ ok: true });
      const view = structuredClone(submitted.view) as {
        state: { values: { name: { name: { value: string } } } };
      };
      view.state.values.name.name.value = 'weekly-eval';

      expect(viewIn(await submitAgain({ view }))).toContain(ALREADY_CREATED);

      await expectOnce();
    });

    test('after a restart of Keysmith', async () => {
      expect(await submit()).toEqual({ ok: true });
      await workspace.restartKeysmith();

      expect(viewIn(await submitAgain())).toContain(ALREADY_CREATED);

      await expectOnce();
    });

    test('after the account was revoked', async () => {
      const { buttonInMessage, ended } = ending(backend);
      expect(await submit()).toEqual({ ok: true });
      await ada.click(await ada.waitForMessage('random', (message) => !!keyIn(message)), buttonInMessage);
      await ada.waitForMessage('random', ended('nightly-eval'));

      expect(viewIn(await submitAgain())).toContain(ALREADY_CREATED);

      expect(names()).toEqual(['nightly-eval']);
      expect(keys()).toEqual([{ key_id: expect.any(String), revoked_at_ms: expect.any(Number) }]);
      expect(keyMessages()).toEqual([]);
    });

    test('after its key wasn’t delivered, and the second response says where to collect one', async () => {
      workspace.slack.failures.set('response_url', { kind: 'reset' }, { times: 1 });
      expect(await submit()).toEqual({ ok: true });
      await ada.waitForMessage('Keysmith', 'Collect key');

      expect(viewIn(await submitAgain())).toContain(
        `${ALREADY_CREATED} Its key wasn’t delivered: press *Collect key* in the direct message from Keysmith`,
      );

      expect(keys()).toEqual([{ key_id: expect.any(String), revoked_at_ms: expect.any(Number) }]);
      expect(await created()).toBe(1);
    });

    test('for a federated account, as for a key', async () => {
      await chooseMethod(ada, 'federated');
      await ada.fill('issuer', 'https://token.actions.githubusercontent.com');
      await ada.fill('subject', 'repo:acme/eval');
      expect(await submit()).toEqual({ ok: true });
      const before = ada.messages('random').length;

      expect(viewIn(await submitAgain())).toContain(ALREADY_CREATED);

      expect(names()).toEqual(['nightly-eval']);
      expect(ada.messages('random')).toHaveLength(before);
      expect(await created()).toBe(1);
    });

    test('byte for byte, which is refused as a replay', async () => {
      expect(await submit()).toEqual({ ok: true });
      const record = workspace.slack.traffic.find(({ method }) => method === 'view_submission');

      const response = record && (await workspace.slack.deliver({ again: record }));

      expect(response).toMatchObject({ kind: 'responded', status: 409 });
      await expectOnce();
    });
  });

  describe('A form can be submitted again', () => {
    test('after an error in its fields', async () => {
      await ada.fill('name', 'test');
      expect(await submit()).toMatchObject({ error: 'errors' });
      await ada.fill('name', 'nightly-eval');

      expect(await submit()).toEqual({ ok: true });

      await ada.waitForMessage('random', (message) => !!keyIn(message));
      await expectOnce();
    });

    test('after users.info failed', async () => {
      workspace.slack.failures.set('users.info', { kind: 'status', status: 500 });
      await submit();
      expect(names()).toEqual([]);
      workspace.slack.failures.clear();

      expect(await submitAgain()).toMatchObject({ kind: 'responded', status: 200, body: '' });

      await ada.waitForMessage('random', (message) => !!keyIn(message));
      await expectOnce();
    });

    test('by another form with the same name, which gets an error at its field and creates no account', async () => {
      expect(await submit()).toEqual({ ok: true });
      await openForm(ada, 'random', '/wandb sa new nightly-eval');

      expect(await submit()).toMatchObject({
        error: 'errors',
        errors: { name: expect.stringContaining('has an account') },
      });

      await expectOnce();
    });
  });
});
