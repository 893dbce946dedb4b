import { expect, it } from 'vitest';
import { createFormValues, findProblems } from '../../../src/sandbox/page/block-kit/form/form-values.ts';
import type { Block } from '../../../src/sandbox/slack/protocol/page-protocol.ts';

const REQUIRED = 'Please complete this required field.';

/** What is wrong with a form of one field that holds its initial value. */
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
])('an empty %s is asked for, unless it is optional', (type) => {
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
])('a field that does not fit is told why: %j', (element, problem) => {
  expect(problemOf(element)).toMatch(problem);
});

it('has nothing to say about what fits', () => {
  expect(problemOf({ type: 'email_text_input', initial_value: 'ada@example.com' })).toBeUndefined();
  expect(problemOf({ type: 'datepicker', initial_date: '2026-05-01' })).toBeUndefined();
});
