import { describe, expect, it } from 'vitest';
import type { DrivenSlack } from '../../../driver/driven-slack.ts';
import type { Receiver } from '../receiver.ts';
import { app, clientOf, modal, nameInput, refusal, startSlackWithApp } from '../slack-with-app.ts';

/** Makes a person run a command and returns its trigger. */
async function trigger(slack: DrivenSlack, receiver: Receiver, person = 'ada'): Promise<string> {
  await slack.as(person).command('ml-platform', '/wandb');
  return receiver.requests.at(-1)?.fields.trigger_id ?? '';
}

/** Makes Ada press the button of the open view and returns its trigger. */
async function triggerInView(slack: DrivenSlack, receiver: Receiver): Promise<string> {
  await slack.as('ada').clickInView('more');
  return String(receiver.requests.at(-1)?.payload.trigger_id);
}

const moreButton = {
  type: 'actions' as const,
  block_id: 'buttons',
  elements: [
    { type: 'button' as const, action_id: 'more', text: { type: 'plain_text' as const, text: 'More' } },
  ],
};
const withButton = modal({ blocks: [nameInput(), moreButton] });

describe('view methods of the local Slack', () => {
  it('opens a view for the person of the trigger and returns all its fields', async () => {
    const { slack, receiver, client } = await startSlackWithApp();
    const trigger_id = await trigger(slack, receiver);
    const { view } = await client.views.open({ trigger_id, view: modal({ private_metadata: 'm' }) });
    expect(view).toMatchObject({
      id: expect.stringMatching(/^V[0-9A-Z]{8,10}$/),
      team_id: 'T0ACME0001',
      type: 'modal',
      callback_id: 'form',
      private_metadata: 'm',
      external_id: '',
      hash: expect.any(String),
      root_view_id: view?.id,
      previous_view_id: null,
      app_id: 'A0KEYSM001',
      bot_id: 'B0KEYSM001',
      title: { type: 'plain_text', text: 'A form', emoji: true },
      close: null,
      state: { values: { name: { name: { type: 'plain_text_input', value: null } } } },
    });
    expect(slack.as('ada').view()).toMatchObject({
      id: view?.id,
      title: 'A form',
      submit: 'Create',
      close: 'Cancel',
    });
    expect(slack.as('ben').views()).toEqual([]);
  });

  it('accepts a trigger once, and within 3 seconds only', async () => {
    const { slack, receiver, client, clock } = await startSlackWithApp();
    const open = (trigger_id: string) => client.views.open({ trigger_id, view: modal() });
    const used = await trigger(slack, receiver);
    await open(used);
    expect(await refusal(open(used))).toMatchObject({ error: 'exchanged_trigger_id' });
    const late = await trigger(slack, receiver);
    clock.advance(3000);
    expect(await refusal(open(late))).toMatchObject({ error: 'expired_trigger_id' });
    const inTime = await trigger(slack, receiver);
    clock.advance(2999);
    expect(await open(inTime)).toMatchObject({ ok: true });
    expect(await refusal(open('12.34.abc'))).toMatchObject({ error: 'invalid_trigger_id' });
  });

  it('does not use up the trigger for an invalid view', async () => {
    const { slack, receiver, client } = await startSlackWithApp();
    const trigger_id = await trigger(slack, receiver);
    const title = { type: 'plain_text' as const, text: 'x'.repeat(25) };
    expect(await refusal(client.views.open({ trigger_id, view: modal({ title }) }))).toMatchObject({
      error: 'invalid_arguments',
      response_metadata: {
        messages: ['[ERROR] must be less than 25 characters [json-pointer:/view/title/text]'],
      },
    });
    expect(await client.views.open({ trigger_id, view: modal() })).toMatchObject({ ok: true });
  });

  it('refuses a view of more than 250 kB and a view that is not JSON', async () => {
    const { slack, receiver, client } = await startSlackWithApp();
    const trigger_id = await trigger(slack, receiver);
    const section = { type: 'section', text: { type: 'mrkdwn', text: 'x'.repeat(3000) } };
    const view = modal({ blocks: Array(90).fill(section) });
    expect(await refusal(client.views.open({ trigger_id, view }))).toMatchObject({ error: 'view_too_large' });
    expect(await refusal(client.apiCall('views.open', { trigger_id, view: '{' }))).toMatchObject({
      error: 'invalid_arguments',
    });
  });

  it('stacks up to three views, pushed with triggers of the open view only', async () => {
    const { slack, receiver, client } = await startSlackWithApp();
    const fromCommand = await trigger(slack, receiver);
    const first = await client.views.open({ trigger_id: fromCommand, view: withButton });
    const push = async () =>
      client.views.push({ trigger_id: await triggerInView(slack, receiver), view: withButton });
    const second = await push();
    const third = await push();
    expect(third.view).toMatchObject({ root_view_id: first.view?.id, previous_view_id: second.view?.id });
    expect(await refusal(push())).toMatchObject({ error: 'push_limit_reached' });
    const outside = await trigger(slack, receiver);
    expect(await refusal(client.views.push({ trigger_id: outside, view: modal() }))).toMatchObject({
      error: 'invalid_trigger_id',
    });
  });

  it('updates a view by ID or external ID, and refuses a stale hash', async () => {
    const { slack, receiver, client } = await startSlackWithApp();
    const trigger_id = await trigger(slack, receiver);
    const { view } = await client.views.open({ trigger_id, view: modal({ external_id: 'mine' }) });
    const titled = (text: string) => modal({ external_id: 'mine', title: { type: 'plain_text', text } });
    const view_id = view?.id ?? '';
    const hash = view?.hash ?? '';
    const updated = await client.views.update({ view_id, hash, view: titled('Second') });
    expect(updated.view?.hash).not.toBe(hash);
    expect(await refusal(client.views.update({ view_id, hash, view: titled('Third') }))).toMatchObject({
      error: 'hash_conflict',
    });
    await client.views.update({ external_id: 'mine', view: titled('Fourth') });
    expect(slack.as('ada').view()?.title).toBe('Fourth');
  });

  it('refuses to update closed and unknown views', async () => {
    const { slack, receiver, client } = await startSlackWithApp();
    const { view } = await client.views.open({ trigger_id: await trigger(slack, receiver), view: modal() });
    await slack.as('ada').close();
    for (const view_id of [view?.id ?? '', 'V0NOWHERE1']) {
      expect(await refusal(client.views.update({ view_id, view: modal() }))).toMatchObject({
        error: 'not_found',
      });
    }
    expect(await refusal(client.apiCall('views.update', { view: modal() }))).toMatchObject({
      error: 'invalid_arguments',
    });
  });

  it('refuses a second view with the same external ID', async () => {
    const { slack, receiver, client } = await startSlackWithApp();
    const open = async (person: string) => {
      const trigger_id = await trigger(slack, receiver, person);
      return client.views.open({ trigger_id, view: modal({ external_id: 'same' }) });
    };
    await open('ada');
    expect(await refusal(open('ben'))).toMatchObject({ error: 'duplicate_external_id' });
  });

  it('opens views without a scope, as Slack does', async () => {
    const { slack, receiver } = await startSlackWithApp({ app: { scopes: [] } });
    const client = clientOf(slack, { token: app.botToken });
    const trigger_id = await trigger(slack, receiver);
    expect(await client.views.open({ trigger_id, view: modal() })).toMatchObject({ ok: true });
  });
});
