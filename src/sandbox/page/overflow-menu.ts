import type { Overflow, PlainTextOption } from '@slack/types';
import { make, newId } from './dom.ts';
import { change, type Place } from './surface.ts';
import { plainText } from './text-object.ts';

export function drawOverflow(element: Overflow, place: Place): HTMLElement {
  const menuId = newId('menu');
  const opener = make(
    'button',
    {
      type: 'button',
      class: 'button overflow-opener',
      'data-action-id': place.actionId,
      'aria-label': 'More actions',
      'aria-haspopup': 'menu',
      'aria-expanded': 'false',
      'aria-controls': menuId,
    },
    '⋮',
  );
  const menu = make('div', {
    id: menuId,
    class: 'menu',
    role: 'menu',
    'aria-label': 'More actions',
    hidden: true,
  });
  const show = (open: boolean): void => {
    menu.hidden = !open;
    opener.setAttribute('aria-expanded', String(open));
    if (open) menu.querySelector<HTMLElement>('[role=menuitem]')?.focus();
  };
  for (const option of element.options) {
    menu.append(
      drawItem(option, () => {
        show(false);
        opener.focus();
        void change(place, { type: 'overflow', selected_option: option }, opener, element.confirm);
      }),
    );
  }
  opener.addEventListener('click', () => show(menu.hidden !== false));
  menu.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      show(false);
      opener.focus();
    } else moveFocus(menu, event);
  });
  const frame = make('div', { class: 'overflow' }, opener, menu);
  frame.addEventListener('focusout', (event) => {
    if (!(event.relatedTarget instanceof Node && frame.contains(event.relatedTarget))) show(false);
  });
  return frame;
}

function drawItem(option: PlainTextOption, choose: () => void): HTMLElement {
  const item = make('button', { type: 'button', role: 'menuitem', tabindex: '-1' }, plainText(option.text));
  item.addEventListener('click', choose);
  return item;
}

function moveFocus(menu: HTMLElement, event: KeyboardEvent): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined) return;
  event.preventDefault();
  const items = [...menu.querySelectorAll<HTMLElement>('[role=menuitem]')];
  const now = items.indexOf(document.activeElement as HTMLElement);
  items.at((now + step) % items.length)?.focus();
}
