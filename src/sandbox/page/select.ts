import type { ConversationsSelect, Option, StaticSelect, UsersSelect } from '@slack/types';
import type { Named } from './directory.ts';
import { make } from './dom.ts';
import { optionsOf } from './element.ts';
import { change, controlAttributes, type Place } from './surface.ts';
import { plainText } from './text-object.ts';

/** The browser's own select: every keyboard and screen reader knows it. */
export function drawStaticSelect(element: StaticSelect, place: Place): HTMLElement {
  const options = optionsOf(element) ?? [];
  const groups = element.option_groups;
  const offered: Node[] = groups
    ? groups.map((group) =>
        make('optgroup', { label: plainText(group.label) }, ...group.options.map(drawOption)),
      )
    : options.map(drawOption);
  const select = drawSelect(element.placeholder?.text ?? 'Select an option', offered, place);
  const draw = (): void => {
    const chosen = held(place)?.selected_option as Option | null | undefined;
    select.value = chosen?.value ?? '';
  };
  select.addEventListener('change', async () => {
    const chosen = options.find((option) => option.value === select.value) ?? null;
    const state = { type: 'static_select', selected_option: chosen };
    if (!(await change(place, state, select, element.confirm))) draw();
  });
  draw();
  return make('div', { class: 'select' }, select);
}

export function drawUsersSelect(element: UsersSelect, place: Place): HTMLElement {
  const { people } = place.surface.directory;
  return drawNamedSelect(element, 'selected_user', 'Select a person', people, place);
}

export function drawConversationsSelect(element: ConversationsSelect, place: Place): HTMLElement {
  const { conversations } = place.surface.directory;
  return drawNamedSelect(element, 'selected_conversation', 'Select a conversation', conversations, place);
}

function drawNamedSelect(
  element: UsersSelect | ConversationsSelect,
  property: 'selected_user' | 'selected_conversation',
  placeholder: string,
  named: Named[],
  place: Place,
): HTMLElement {
  const offered = named.map(({ id, name }) => make('option', { value: id }, name));
  const select = drawSelect(element.placeholder?.text ?? placeholder, offered, place);
  const draw = (): void => {
    select.value = String(held(place)?.[property] ?? '');
  };
  select.addEventListener('change', async () => {
    const state = { type: element.type, [property]: select.value || null };
    if (!(await change(place, state, select, element.confirm))) draw();
  });
  draw();
  return make('div', { class: 'select' }, select);
}

/** The empty choice doubles as the placeholder; where the field may stay empty it can be gone back to. */
function drawSelect(placeholder: string, offered: Node[], place: Place): HTMLSelectElement {
  const isFixed = place.field?.required === true || !place.field;
  const empty = make(
    'option',
    { value: '', ...(isFixed ? { disabled: true, hidden: true } : {}) },
    placeholder,
  );
  return make('select', controlAttributes(place), empty, ...offered);
}

function drawOption(option: Option): HTMLOptionElement {
  return make('option', { value: option.value ?? '' }, option.text.text);
}

function held({ surface, blockId, actionId }: Place) {
  return surface.values.get(blockId, actionId);
}
