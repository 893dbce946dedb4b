import { describe, expect, it } from 'vitest';
import type { ReceiverResponse } from '../receiver.ts';
import {
  acknowledgeTimeFor,
  modal,
  nameInput,
  openView,
  options,
  people,
  startSlackWithApp,
} from '../slack-with-app.ts';

const section = (text: string) => ({ type: 'section' as const, text: { type: 'mrkdwn' as const, text } });
const plain = (text: string) => ({ type: 'plain_text' as const, text });

async function startWithForm(view: Record<string, unknown> = {}) {
  const slackWithApp = await startSlackWithApp();
  const opened = await openView(slackWithApp, modal(view));
  return { ...slackWithApp, ada: slackWithApp.slack.as('ada'), opened };
}

describe('view submissions of the local Slack', () => {
  it('sends the submitted view with its state', async () => {
    const { ada, receiver, opened } = await startWithForm({
      private_metadata: 'mine',
      external_id: 'form-1',
    });
    await ada.fill('name', 'nightly-eval');
    await ada.submit();
    expect(receiver.requests[0]?.payload).toMatchObject({
      type: 'view_submission',
      team: { id: 'T0ACME0001', domain: 'acme' },
      user: { id: people.ada, username: 'ada', name: 'ada', team_id: 'T0ACME0001' },
      api_app_id: 'A0KEYSM001',
      token: expect.any(String),
      trigger_id: expect.any(String),
      response_urls: [],
      is_enterprise_install: false,
      enterprise: null,
      view: {
        id: opened.id,
        hash: opened.hash,
        root_view_id: opened.id,
        previous_view_id: null,
        team_id: 'T0ACME0001',
        app_id: 'A0KEYSM001',
        bot_id: 'B0KEYSM001',
        callback_id: 'form',
        external_id: 'form-1',
        private_metadata: 'mine',
        blocks: [{ block_id: 'name' }],
        state: { values: { name: { name: { type: 'plain_text_input', value: 'nightly-eval' } } } },
      },
    });
    expect(receiver.requests[0]?.payload).not.toHaveProperty('response_url');
  });

  it.each<[string, ReceiverResponse]>([
    ['nothing', undefined],
    ['an empty object', {}],
  ])('closes the view when the app responds with %s', async (_what, response) => {
    const { ada, receiver } = await startWithForm();
    receiver.response = () => response;
    await ada.fill('name', 'x');
    expect(await ada.submit()).toEqual({ ok: true });
    expect(ada.view()).toBeUndefined();
  });

  it('shows errors at the fields and keeps the view open', async () => {
    const { ada, receiver, opened } = await startWithForm();
    receiver.response = () => ({ response_action: 'errors', errors: { name: 'That name is taken.' } });
    await ada.fill('name', 'taken');
    expect(await ada.submit()).toEqual({
      ok: false,
      error: 'errors',
      errors: { name: 'That name is taken.' },
    });
    expect(ada.view()?.id).toBe(opened.id);
    expect(ada.values()).toEqual({ name: 'taken' });
  });

  it('updates, pushes and clears views as the app responds', async () => {
    const { ada, receiver, opened } = await startWithForm();
    await ada.fill('name', 'x');
    receiver.response = () => ({ response_action: 'update', view: modal({ title: plain('Second') }) });
    await ada.submit();
    expect(ada.views()).toMatchObject([{ id: opened.id, title: 'Second' }]);
    expect(ada.view()?.hash).not.toBe(opened.hash);
    receiver.response = () => ({
      response_action: 'push',
      view: modal({ title: plain('Third'), blocks: [section('x')] }),
    });
    await ada.submit();
    expect(ada.views()).toMatchObject([{ id: opened.id }, { title: 'Third' }]);
    receiver.response = () => ({ response_action: 'clear' });
    await ada.submit();
    expect(ada.views()).toEqual([]);
  });

  it.each<[string, ReceiverResponse]>([
    ['errors for unknown blocks', { response_action: 'errors', errors: { nome: 'x' } }],
    ['no errors at all', { response_action: 'errors', errors: {} }],
    ['an error that is not text', { response_action: 'errors', errors: { name: 7 } }],
    ['an invalid view', { response_action: 'update', view: { type: 'modal' } }],
    ['an unknown action', { response_action: 'explode' }],
    ['text', 'Thanks!'],
    ['some JSON', { text: 'Thanks!' }],
    ['a 500', { status: 500 }],
    ['nothing in time', 'never'],
  ])('shows the connection error when the app responds with %s', async (_what, response) => {
    const { ada, slack, receiver, opened } = await startWithForm();
    slack.acknowledgeWithin(acknowledgeTimeFor(response));
    receiver.response = () => response;
    await ada.fill('name', 'x');
    expect(await ada.submit()).toMatchObject({ message: 'We had some trouble connecting. Try again?' });
    expect(ada.view()).toMatchObject({ id: opened.id, hash: opened.hash });
  });

  it('applies the acknowledgement before a views.update that the app sends right after it', async () => {
    const { ada, receiver, client, opened } = await startWithForm();
    await ada.fill('name', 'x');
    const updated = Promise.withResolvers<void>();
    receiver.response = () => {
      setImmediate(async () => {
        await client.views.update({ view_id: opened.id, view: modal({ title: plain('Done') }) });
        updated.resolve();
      });
      return { response_action: 'update', view: modal({ title: plain('Working') }) };
    };
    await ada.submit();
    await updated.promise;
    expect(ada.view()?.title).toBe('Done');
  });

  it('sends two submissions of the same view for a double click', async () => {
    const { ada, receiver } = await startWithForm();
    await ada.fill('name', 'x');
    expect(await Promise.all([ada.submit(), ada.submit()])).toEqual([{ ok: true }, { ok: true }]);
    const ids = receiver.requests.map(({ payload }) => (payload.view as { id: string }).id);
    expect(ids).toHaveLength(2);
    expect(ids[0]).toBe(ids[1]);
  });

  it("shows the client's own errors without sending the view", async () => {
    const typed = (type: string, more: object = {}) =>
      nameInput({ type, action_id: type, ...more }, { block_id: type });
    const { ada, receiver } = await startWithForm({
      blocks: [
        nameInput(),
        nameInput({}, { block_id: 'purpose', optional: true }),
        typed('plain_text_input', { min_length: 3, max_length: 5 }),
        typed('email_text_input'),
        typed('url_text_input'),
        typed('number_input', { is_decimal_allowed: false, min_value: '1', max_value: '9' }),
        typed('radio_buttons', { options: options('a') }),
        typed('checkboxes', { options: options('a') }),
      ],
    });
    await ada.fill('plain_text_input', 'toolong');
    await ada.fill('email_text_input', 'ada');
    await ada.fill('url_text_input', 'acme');
    await ada.fill('number_input', '10');
    await ada.fill('checkboxes', ['a']);
    expect(await ada.submit()).toEqual({
      ok: false,
      error: 'errors',
      errors: {
        name: 'Please complete this required field.',
        plain_text_input: 'Please enter at most 5 characters.',
        email_text_input: 'Please enter a valid email address.',
        url_text_input: 'Please enter a valid URL.',
        number_input: 'Please enter a number of at most 9.',
        radio_buttons: 'Please complete this required field.',
      },
    });
    expect(receiver.requests).toEqual([]);
  });

  it('skips the checks and changes the state and payload when a test asks for it', async () => {
    const { ada, receiver } = await startWithForm();
    const state = { team: { team: { type: 'static_select', selected_option: { value: 'never-offered' } } } };
    await ada.submit({ unchecked: true, state, payload: { user: { id: 'U0NOBODY01' } } });
    expect(receiver.requests[0]?.payload).toMatchObject({
      user: { id: 'U0NOBODY01' },
      view: { state: { values: { name: { name: { value: null } }, ...state } } },
    });
  });

  it('refuses a state that a person could not enter', async () => {
    const select = { type: 'static_select', action_id: 'team', options: options('a') };
    const { ada, receiver } = await startWithForm({ blocks: [nameInput(select, { block_id: 'team' })] });
    const submitState = (state: object) =>
      ada.submit({ state: { team: { team: { type: 'static_select', ...state } } } });
    expect(await submitState({ selected_option: { value: 'b' } })).toMatchObject({
      error: 'invalid_request',
    });
    expect(await submitState({ type: 'plain_text_input', value: 'a' })).toMatchObject({
      error: 'invalid_request',
    });
    expect(receiver.requests).toEqual([]);
  });

  it('refuses to submit a view without a submit button, and closes only the topmost view', async () => {
    const { ada, receiver, client } = await startWithForm({
      submit: undefined,
      blocks: [{ type: 'actions', elements: [{ type: 'button', action_id: 'more', text: plain('More') }] }],
    });
    expect(await ada.submit()).toMatchObject({ error: 'invalid_request' });
    await ada.clickInView('more');
    const trigger_id = String(receiver.requests[0]?.payload.trigger_id);
    await client.views.push({ trigger_id, view: modal({ title: plain('On top') }) });
    expect(ada.view()?.title).toBe('On top');
    await ada.close();
    expect(ada.view()?.title).toBe('A form');
  });

  it('sends view_closed only for views with notify_on_close', async () => {
    const withoutNotice = await startWithForm();
    await withoutNotice.ada.close();
    expect(withoutNotice.receiver.requests).toEqual([]);
    const { ada, receiver, opened } = await startWithForm({ notify_on_close: true, clear_on_close: true });
    await ada.close();
    expect(receiver.requests[0]?.payload).toMatchObject({
      type: 'view_closed',
      is_cleared: true,
      view: { id: opened.id },
    });
    expect(ada.views()).toEqual([]);
  });
});
