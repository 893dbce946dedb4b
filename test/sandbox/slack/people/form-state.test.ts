import { describe, expect, it } from 'vitest';
import { modal, nameInput, openView, options, people, startSlackWithApp } from '../slack-with-app.ts';

const select = (values: string[], more: object = {}) =>
  nameInput(
    { type: 'static_select', action_id: 'team', options: options(...values), ...more },
    { block_id: 'team' },
  );

async function startWith(blocks: object[]) {
  const slackWithApp = await startSlackWithApp();
  const { id } = await openView(slackWithApp, modal({ blocks }));
  const update = (updated: object[]) =>
    slackWithApp.client.views.update({ view_id: id, view: modal({ blocks: updated }) });
  return { ...slackWithApp, ada: slackWithApp.slack.as('ada'), update };
}

describe('the form state of the local Slack', () => {
  it('starts with the initial values', async () => {
    const [first] = options('a');
    const { ada } = await startWith([
      nameInput({ initial_value: 'eval' }),
      select(['a', 'b'], { initial_option: first }),
      nameInput({ type: 'users_select', action_id: 'u', initial_user: people.ada }, { block_id: 'contact' }),
      nameInput({ type: 'checkboxes', action_id: 'c', options: options('x', 'y') }, { block_id: 'checks' }),
      nameInput({ type: 'datepicker', action_id: 'd', initial_date: '2026-05-01' }, { block_id: 'until' }),
    ]);
    expect(ada.values()).toEqual({
      name: 'eval',
      team: 'a',
      contact: people.ada,
      checks: [],
      until: '2026-05-01',
    });
  });

  it('keeps the entered values after an update, whatever the new initial value', async () => {
    const { ada, update } = await startWith([nameInput({ initial_value: 'eval' }), select(['a', 'b'])]);
    await ada.fill('name', 'nightly-eval');
    await ada.fill('team', 'b');
    await update([select(['a', 'b', 'c']), nameInput({ initial_value: 'other' })]);
    expect(ada.values()).toEqual({ name: 'nightly-eval', team: 'b' });
  });

  it('uses the initial value for a new block or action ID, and for a choice that is no longer offered', async () => {
    const { ada, update } = await startWith([nameInput(), select(['a', 'b'])]);
    await ada.fill('name', 'nightly-eval');
    await ada.fill('team', 'b');
    await update([nameInput({ initial_value: 'fresh' }, { block_id: 'name-2' }), select(['a'])]);
    expect(ada.values()).toEqual({ 'name-2': 'fresh', team: null });
    await update([nameInput({ action_id: 'other', initial_value: 'again' }, { block_id: 'name-2' })]);
    expect(ada.values()).toEqual({ 'name-2': 'again' });
  });

  it('drops the value of a field that an update removed', async () => {
    const { ada, update } = await startWith([nameInput()]);
    await ada.fill('name', 'nightly-eval');
    await update([select(['a'])]);
    await update([nameInput()]);
    expect(ada.values()).toEqual({ name: null });
  });

  it('returns the entered values in the response to an update', async () => {
    const { ada, update } = await startWith([nameInput()]);
    await ada.fill('name', 'nightly-eval');
    expect((await update([nameInput()])).view?.state).toEqual({
      values: { name: { name: { type: 'plain_text_input', value: 'nightly-eval' } } },
    });
  });

  it('fills in selects by text or value, people and conversations by name, and clears them with null', async () => {
    const { ada } = await startWith([
      select(['a', 'b']),
      nameInput({ type: 'users_select', action_id: 'u' }, { block_id: 'contact' }),
      nameInput({ type: 'conversations_select', action_id: 'c' }, { block_id: 'where' }),
      nameInput({ type: 'checkboxes', action_id: 'k', options: options('x', 'y') }, { block_id: 'checks' }),
    ]);
    await ada.fill('team', 'Option b');
    await ada.fill('contact', 'ben');
    await ada.fill('where', '#random');
    await ada.fill('checks', ['Option x', 'y']);
    expect(ada.values()).toEqual({ team: 'b', contact: people.ben, where: 'C0RANDOM01', checks: ['x', 'y'] });
    await ada.fill('team', null);
    await ada.fill('checks', null);
    expect(ada.values()).toMatchObject({ team: null, checks: [] });
  });
});
