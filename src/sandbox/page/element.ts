import type {
  Button,
  Checkboxes,
  ConversationsSelect,
  Datepicker,
  EmailInput,
  ExternalSelect,
  ImageElement,
  NumberInput,
  Option,
  Overflow,
  PlainTextInput,
  RadioButtons,
  StaticSelect,
  URLInput,
  UsersSelect,
} from '@slack/types';
import type { ElementState } from '../page-protocol.ts';

export type TextInput = PlainTextInput | EmailInput | URLInput | NumberInput;

/** The elements that the page draws. */
export type Element =
  | Button
  | Checkboxes
  | ConversationsSelect
  | Datepicker
  | ExternalSelect
  | ImageElement
  | Overflow
  | RadioButtons
  | StaticSelect
  | TextInput
  | UsersSelect;

/** How an element stands when it is first shown, in the shape of Slack's `state.values`; undefined if it holds nothing. */
export function initialState(element: Element): ElementState | undefined {
  const { type } = element;
  switch (type) {
    case 'plain_text_input':
    case 'email_text_input':
    case 'url_text_input':
    case 'number_input':
      return { type, value: element.initial_value || null };
    case 'static_select':
    case 'external_select':
    case 'radio_buttons':
      return { type, selected_option: element.initial_option ?? null };
    case 'checkboxes':
      return { type, selected_options: element.initial_options ?? [] };
    case 'users_select':
      return { type, selected_user: element.initial_user ?? null };
    case 'conversations_select':
      return { type, selected_conversation: element.initial_conversation ?? null };
    case 'datepicker':
      return { type, selected_date: element.initial_date ?? null };
    default:
      return undefined;
  }
}

/** Whether a field that must be filled in isn't. */
export function isEmpty({ type: _, ...held }: ElementState): boolean {
  return Object.values(held).every(
    (value) => value === null || value === '' || (Array.isArray(value) && !value.length),
  );
}

/** The choices that come with the element itself; undefined for elements without. */
export function optionsOf(element: Element): Option[] | undefined {
  switch (element.type) {
    case 'static_select':
      return element.options ?? element.option_groups?.flatMap((group) => group.options) ?? [];
    case 'radio_buttons':
    case 'checkboxes':
    case 'overflow':
      return element.options;
    default:
      return undefined;
  }
}
