/** What a kind of element holds, and how Slack names it. */
export interface ElementKind {
  /** Under which key its value stands in a state. */
  key: string;
  /** What the field with its initial value is called. */
  initial: string;
  empty: null | readonly never[];
  holds: 'text' | 'number' | 'option' | 'options' | 'ids';
}

const text = (key: string, initial: string): ElementKind => ({ key, initial, empty: null, holds: 'text' });
const oneOption: ElementKind = {
  key: 'selected_option',
  initial: 'initial_option',
  empty: null,
  holds: 'option',
};
const someOptions: ElementKind = {
  key: 'selected_options',
  initial: 'initial_options',
  empty: [],
  holds: 'options',
};
const ids = (key: string, initial: string): ElementKind => ({ key, initial, empty: [], holds: 'ids' });
const typed = text('value', 'initial_value');

const kinds: Record<string, ElementKind> = {
  plain_text_input: typed,
  email_text_input: typed,
  url_text_input: typed,
  number_input: typed,
  static_select: oneOption,
  external_select: oneOption,
  radio_buttons: oneOption,
  checkboxes: someOptions,
  multi_static_select: someOptions,
  multi_external_select: someOptions,
  users_select: text('selected_user', 'initial_user'),
  conversations_select: text('selected_conversation', 'initial_conversation'),
  channels_select: text('selected_channel', 'initial_channel'),
  multi_users_select: ids('selected_users', 'initial_users'),
  multi_conversations_select: ids('selected_conversations', 'initial_conversations'),
  datepicker: text('selected_date', 'initial_date'),
  timepicker: text('selected_time', 'initial_time'),
  datetimepicker: {
    key: 'selected_date_time',
    initial: 'initial_date_time',
    empty: null,
    holds: 'number',
  },
};

/** Undefined for buttons, images and overflow menus, which hold nothing. */
export function elementKind(type: string): ElementKind | undefined {
  return Object.hasOwn(kinds, type) ? kinds[type] : undefined;
}
