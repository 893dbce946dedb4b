import { make, newId } from './dom.ts';

interface ListboxItem {
  content: (Node | string)[];
  choose: () => void;
}

/** The list below (or above) a text field with `role=combobox`; the focus stays in the field. */
export interface Listbox {
  element: HTMLElement;
  isOpen(): boolean;
  /** Shows items, the first one active, and a line of text under them. */
  show(items: ListboxItem[], note?: string): void;
  hide(): void;
  move(step: 1 | -1): void;
  /** Chooses the active item; false when there is none. */
  chooseActive(): boolean;
  count(): number;
}

export function createListbox(input: HTMLInputElement, name: string): Listbox {
  const list = make('div', {
    id: newId('listbox'),
    role: 'listbox',
    'aria-label': name,
  });
  const said = make('p', { class: 'popup-note', role: 'status' });
  const element = make('div', { class: 'popup', hidden: true }, list, said);
  let items: ListboxItem[] = [];
  let active = -1;

  input.setAttribute('role', 'combobox');
  input.setAttribute('aria-autocomplete', 'list');
  input.setAttribute('aria-controls', list.id);
  input.setAttribute('aria-expanded', 'false');

  const activate = (index: number): void => {
    active = index;
    for (const [at, option] of [...list.children].entries()) {
      option.setAttribute('aria-selected', String(at === index));
    }
    const option = list.children[index];
    if (option) {
      input.setAttribute('aria-activedescendant', option.id);
      option.scrollIntoView({ block: 'nearest' });
    } else input.removeAttribute('aria-activedescendant');
  };

  const show = (shown: ListboxItem[], note = ''): void => {
    items = shown;
    list.replaceChildren(...items.map((item) => drawOption(item)));
    list.hidden = items.length === 0;
    said.textContent = note;
    element.hidden = items.length === 0 && note === '';
    input.setAttribute('aria-expanded', String(!element.hidden));
    activate(items.length > 0 ? 0 : -1);
  };

  return {
    element,
    isOpen: () => !element.hidden,
    show,
    hide: () => show([]),
    move: (step) => activate((active + step + items.length) % items.length),
    chooseActive: () => {
      const item = items[active];
      item?.choose();
      return item !== undefined;
    },
    count: () => items.length,
  };
}

function drawOption(item: ListboxItem): HTMLElement {
  const option = make('div', { id: newId('option'), role: 'option' }, ...item.content);
  // The focus stays in the text field.
  option.addEventListener('mousedown', (event) => event.preventDefault());
  option.addEventListener('click', item.choose);
  return option;
}
