import type { ExternalSelect, PlainTextOption } from '@slack/types';
import { make } from './dom.ts';
import { createListbox, type Listbox } from './listbox.ts';
import { change, controlAttributes, type Place } from './surface.ts';

const DEFAULT_MIN_QUERY_LENGTH = 3;
const TYPING_PAUSE_MS = 200;

/** A select whose options the app is asked for while the person types. */
export function drawExternalSelect(element: ExternalSelect, place: Place): HTMLElement {
  const input = make('input', {
    type: 'text',
    autocomplete: 'off',
    spellcheck: 'false',
    ...controlAttributes(place),
    placeholder: element.placeholder?.text ?? 'Search',
  });
  const listbox = createListbox(input, 'Results');
  const show = (): void => {
    input.value = chosenOption(place)?.text.text ?? '';
  };
  const choose = async (option: PlainTextOption | null): Promise<void> => {
    listbox.hide();
    const state = { type: 'external_select', selected_option: option };
    await change(place, state, input, element.confirm);
    show();
  };
  const search = createSearch(element, place, listbox, (option) => void choose(option));

  input.addEventListener('focus', () => input.select());
  input.addEventListener('click', () => {
    if (!listbox.isOpen()) search.now('');
  });
  input.addEventListener('input', () => search.soon(input.value.trim()));
  input.addEventListener('blur', () => {
    search.cancel();
    listbox.hide();
    const mayBeEmpty = place.field?.required === false;
    if (input.value.trim() === '' && mayBeEmpty && chosenOption(place)) void choose(null);
    else show();
  });
  input.addEventListener('keydown', (event) => useKey(event, listbox, () => search.now('')));
  show();
  return make('div', { class: 'select external-select' }, input, listbox.element);
}

/** Asks for options; an answer that a later question has overtaken is dropped. */
function createSearch(
  element: ExternalSelect,
  { surface, blockId, actionId }: Place,
  listbox: Listbox,
  choose: (option: PlainTextOption) => void,
) {
  let asked = 0;
  let timer: number | undefined;
  const now = async (query: string): Promise<void> => {
    asked += 1;
    const mine = asked;
    const shortest = element.min_query_length ?? DEFAULT_MIN_QUERY_LENGTH;
    if (query.length < shortest) {
      listbox.show([], `Type at least ${shortest} character${shortest === 1 ? '' : 's'} to search.`);
      return;
    }
    if (listbox.count() === 0) listbox.show([], 'Searching…');
    const found = await surface.findOptions(blockId, actionId, query);
    if (mine !== asked) return;
    const items = found.options.map((option) => ({
      content: [option.text.text],
      choose: () => choose(option),
    }));
    listbox.show(items, found.error ?? (items.length === 0 ? 'No results' : ''));
  };
  return {
    now: (query: string) => void now(query),
    soon: (query: string) => {
      window.clearTimeout(timer);
      timer = window.setTimeout(() => void now(query), TYPING_PAUSE_MS);
    },
    cancel: () => {
      asked += 1;
      window.clearTimeout(timer);
    },
  };
}

function useKey(event: KeyboardEvent, listbox: Listbox, open: () => void): void {
  if (event.isComposing) return;
  if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    event.preventDefault();
    if (!listbox.isOpen()) open();
    else if (listbox.count() > 0) listbox.move(event.key === 'ArrowDown' ? 1 : -1);
  } else if (event.key === 'Enter' && listbox.isOpen()) {
    event.preventDefault();
    listbox.chooseActive();
  } else if (event.key === 'Escape' && listbox.isOpen()) {
    // Closes the list, not the dialog around it.
    event.preventDefault();
    event.stopPropagation();
    listbox.hide();
  }
}

function chosenOption({ surface, blockId, actionId }: Place): PlainTextOption | undefined {
  const chosen = surface.values.get(blockId, actionId)?.selected_option;
  return (chosen ?? undefined) as PlainTextOption | undefined;
}
