import type { Block, ElementState, State } from '../protocol/page-protocol.ts';
import { inputElements, valueKey } from './form-elements.ts';

/** Checks what Slack's clients check before they submit a view. Returns the text to show at a field, by `block_id`. */
export function fieldErrors(blocks: Block[], state: State): Record<string, string> {
  const errors: Record<string, string> = {};
  for (const { blockId, actionId, block, element } of inputElements(blocks)) {
    if (block.type !== 'input') continue;
    const value = currentValue(state[blockId]?.[actionId]);
    const isEmpty = value === null || value === '' || (Array.isArray(value) && value.length === 0);
    const error = isEmpty
      ? block.optional !== true && 'Please complete this required field.'
      : typedError(element, value);
    if (error) errors[blockId] = error;
  }
  return errors;
}

function currentValue(elementState: ElementState | undefined): unknown {
  const key = elementState && valueKey(elementState.type);
  return key === undefined ? null : (elementState?.[key] ?? null);
}

function typedError(element: Record<string, unknown>, value: unknown): string | undefined {
  const typed = String(value);
  switch (element.type) {
    case 'plain_text_input':
      return lengthError(element, typed);
    case 'email_text_input':
      return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(typed) ? undefined : 'Please enter a valid email address.';
    case 'url_text_input':
      return URL.canParse(typed) ? undefined : 'Please enter a valid URL.';
    case 'number_input':
      return numberError(element, typed);
    default:
      return undefined;
  }
}

function lengthError({ min_length, max_length }: Record<string, unknown>, typed: string): string | undefined {
  if (typed.length < Number(min_length ?? 0)) return `Please enter at least ${min_length} characters.`;
  const maximum = Number(max_length ?? 3000);
  return typed.length > maximum ? `Please enter at most ${maximum} characters.` : undefined;
}

function numberError(element: Record<string, unknown>, typed: string): string | undefined {
  const pattern = element.is_decimal_allowed ? /^-?\d+(\.\d+)?$/ : /^-?\d+$/;
  if (!pattern.test(typed)) return 'Please enter a valid number.';
  const { min_value = typed, max_value = typed } = element;
  if (Number(typed) < Number(min_value)) return `Please enter a number of at least ${min_value}.`;
  return Number(typed) > Number(max_value) ? `Please enter a number of at most ${max_value}.` : undefined;
}
