import type { Block } from '../protocol/page-protocol.ts';

/** What an element of a type holds, and the names of Slack's fields for it. */
export interface ElementKind {
  /** The field for the value in `state.values`. */
  key: string;
  /** The field for the initial value in the block. */
  initial: string;
  empty: null | readonly never[];
  holds: 'text' | 'number' | 'option' | 'options' | 'ids';
}

const text = (key: string, initial: string): ElementKind => ({ key, initial, empty: null, holds: 'text' });
const ids = (key: string, initial: string): ElementKind => ({ key, initial, empty: [], holds: 'ids' });
const typed = text('value', 'initial_value');
const oneOption: ElementKind = {
  key: 'selected_option',
  initial: 'initial_option',
  empty: null,
  holds: 'option',
};
const severalOptions: ElementKind = {
  key: 'selected_options',
  initial: 'initial_options',
  empty: [],
  holds: 'options',
};

const kinds: Record<string, ElementKind> = {
  plain_text_input: typed,
  email_text_input: typed,
  url_text_input: typed,
  number_input: typed,
  static_select: oneOption,
  external_select: oneOption,
  radio_buttons: oneOption,
  checkboxes: severalOptions,
  multi_static_select: severalOptions,
  multi_external_select: severalOptions,
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

/** Returns undefined for buttons, images and overflow menus, which hold no value. */
export function elementKind(type: string): ElementKind | undefined {
  return Object.hasOwn(kinds, type) ? kinds[type] : undefined;
}

/** Returns the field for the value of an element in `state.values`; undefined if it holds none. */
export function valueKey(type: string): string | undefined {
  return elementKind(type)?.key;
}

export type Element = {
  type: string;
  action_id: string;
  [key: string]: unknown;
};

/** An element and the block that contains it. */
export interface PlacedElement {
  blockId: string;
  actionId: string;
  block: Block;
  element: Element;
}

export function allElements(blocks: Block[]): PlacedElement[] {
  return blocks.flatMap((block) => {
    const inActions = block.type === 'actions' && Array.isArray(block.elements) ? block.elements : [];
    return [block.element, block.accessory, ...inActions]
      .filter((element) => element !== undefined)
      .map((element) => ({
        blockId: block.block_id,
        actionId: (element as Element).action_id,
        block,
        element: element as Element,
      }));
  });
}

/** Returns the elements that hold a value. */
export function inputElements(blocks: Block[]): PlacedElement[] {
  return allElements(blocks).filter(({ element }) => elementKind(element.type));
}

export interface Option {
  text: { type: string; text: string };
  value: string;
}

/** Whether an element requests its options from the app for every query. */
export function isExternal({ type }: Element): boolean {
  return type === 'external_select' || type === 'multi_external_select';
}

/** Returns the options of an element, including those in groups; none for elements without a fixed list. */
export function offeredOptions(element: Element): Option[] {
  const groups = (element.option_groups ?? []) as { options: Option[] }[];
  return [...((element.options ?? []) as Option[]), ...groups.flatMap(({ options }) => options)];
}

/** Returns the initial choice of an element; an external select offers it whatever the app responds. */
export function initialOptions({ initial_option, initial_options }: Element): Option[] {
  return [initial_option ?? [], initial_options ?? []].flat() as Option[];
}
