import { describe, expect, it, vi } from 'vitest';
import { createFormValues, findProblems } from '../../../src/sandbox/page/block-kit/form/form-values.ts';
import type { Block } from '../../../src/sandbox/slack/protocol/page-protocol.ts';

const input = (block_id: string, element: object): Block => ({
  type: 'input',
  block_id,
  element: { action_id: 'a', ...element },
});
const option = (value: string) => ({ text: { type: 'plain_text', text: value }, value });
const select = (...values: string[]) =>
  input('team', { type: 'static_select', options: values.map((value) => option(value)) });

describe('The values of a form', () => {
  it('start with the initial values of the blocks', () => {
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

  it('keep a chosen option as long as the app still offers it', () => {
    const values = createFormValues();
    values.adopt([select('a', 'b')]);
    values.set('team', 'a', { type: 'static_select', selected_option: option('b') });
    values.adopt([select('b', 'c')]);
    expect(values.get('team', 'a')).toEqual({ type: 'static_select', selected_option: option('b') });
    values.adopt([select('c')]);
    expect(values.get('team', 'a')).toEqual({ type: 'static_select', selected_option: null });
  });

  it('return the same object until the value changes', () => {
    const values = createFormValues();
    const blocks = [input('name', { type: 'plain_text_input' })];
    values.adopt(blocks);
    const before = values.get('name', 'a');
    values.adopt(blocks.map((block) => ({ ...block })));
    expect(values.get('name', 'a')).toBe(before);
    values.set('name', 'a', { type: 'plain_text_input', value: 'x' });
    expect(values.get('name', 'a')).not.toBe(before);
  });

  it('notify a listener of every change until it unsubscribes', () => {
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
});

describe('The validation of a form', () => {
  const REQUIRED = 'Please complete this required field.';

  /** Returns the error of a form whose only field holds its initial value. */
  function problemOf(element: object, block: object = {}): string | undefined {
    const values = createFormValues();
    const blocks: Block[] = [
      { type: 'input', block_id: 'field', element: { action_id: 'a', ...element }, ...block },
    ];
    values.adopt(blocks);
    return findProblems(blocks, values).field;
  }

  it.each([
    'plain_text_input',
    'static_select',
    'multi_static_select',
    'multi_users_select',
    'checkboxes',
    'radio_buttons',
    'datepicker',
    'timepicker',
    'datetimepicker',
  ])('requires a value for %s unless it is optional', (type) => {
    expect(problemOf({ type })).toBe(REQUIRED);
    expect(problemOf({ type }, { optional: true })).toBeUndefined();
  });

  it.each([
    [{ type: 'plain_text_input', min_length: 3, initial_value: 'ab' }, /at least 3/],
    [{ type: 'plain_text_input', max_length: 3, initial_value: 'abcd' }, /at most 3/],
    [{ type: 'email_text_input', initial_value: 'ada' }, /valid email/],
    [{ type: 'url_text_input', initial_value: 'example' }, /valid URL/],
    [{ type: 'number_input', is_decimal_allowed: false, initial_value: '1.5' }, /valid number/],
    [{ type: 'number_input', is_decimal_allowed: true, min_value: '2', initial_value: '1.5' }, /at least 2/],
  ])('explains why a value is invalid: %j', (element, problem) => {
    expect(problemOf(element)).toMatch(problem);
  });

  it('returns no error for valid values', () => {
    expect(problemOf({ type: 'email_text_input', initial_value: 'ada@example.com' })).toBeUndefined();
    expect(problemOf({ type: 'datepicker', initial_date: '2026-05-01' })).toBeUndefined();
  });
});
