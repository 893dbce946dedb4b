import { expect, it, vi } from 'vitest';
import { createFormValues } from '../../../src/sandbox/page/block-kit/form/form-values.ts';
import type { Block } from '../../../src/sandbox/slack/protocol/page-protocol.ts';

const input = (block_id: string, element: object): Block => ({
  type: 'input',
  block_id,
  element: { action_id: 'a', ...element },
});
const option = (value: string) => ({ text: { type: 'plain_text', text: value }, value });
const select = (...values: string[]) =>
  input('team', { type: 'static_select', options: values.map((value) => option(value)) });

it('begins with the initial values of the blocks', () => {
  const values = createFormValues();
  values.adopt([
    input('name', { type: 'plain_text_input', initial_value: 'eval' }),
    input('until', { type: 'datepicker' }),
  ]);
  expect(values.collect()).toEqual({
    name: { a: { type: 'plain_text_input', value: 'eval' } },
    until: { a: { type: 'datepicker', selected_date: null } },
  });
});

it('keeps what was chosen as long as the app still offers it', () => {
  const values = createFormValues();
  values.adopt([select('a', 'b')]);
  values.set('team', 'a', { type: 'static_select', selected_option: option('b') });
  values.adopt([select('b', 'c')]);
  expect(values.get('team', 'a')).toEqual({ type: 'static_select', selected_option: option('b') });
  values.adopt([select('c')]);
  expect(values.get('team', 'a')).toEqual({ type: 'static_select', selected_option: null });
});

it('answers with the same object until the element holds something else', () => {
  const values = createFormValues();
  const blocks = [input('name', { type: 'plain_text_input' })];
  values.adopt(blocks);
  const before = values.get('name', 'a');
  values.adopt(blocks.map((block) => ({ ...block })));
  expect(values.get('name', 'a')).toBe(before);
  values.set('name', 'a', { type: 'plain_text_input', value: 'x' });
  expect(values.get('name', 'a')).not.toBe(before);
});

it('tells its listeners of changes until they have enough', () => {
  const values = createFormValues();
  const listener = vi.fn<() => void>();
  const stop = values.subscribe(listener);
  values.adopt([input('name', { type: 'plain_text_input' })]);
  values.set('name', 'a', { type: 'plain_text_input', value: 'x' });
  expect(listener).toHaveBeenCalledTimes(2);
  stop();
  values.set('name', 'a', { type: 'plain_text_input', value: 'y' });
  expect(listener).toHaveBeenCalledTimes(2);
});
