import { make } from './dom.ts';

export interface Modal {
  dialog: HTMLDialogElement;
  close(): void;
}

const FOCUSABLE = 'a[href], button:not([disabled]), input, select, textarea, [tabindex="0"]';

/**
 * An open dialog over the page: the page behind it is inert, Tab stays inside, Esc asks to leave, and the focus goes
 * back to where it was when it closes.
 */
export function openModal(
  options: {
    className: string;
    labelledBy: string;
    describedBy?: string;
    leave: () => void;
  },
  ...content: Node[]
): Modal {
  const cameFrom = document.activeElement;
  const dialog = make(
    'dialog',
    {
      class: options.className,
      role: 'dialog',
      'aria-modal': 'true',
      'aria-labelledby': options.labelledBy,
      'aria-describedby': options.describedBy,
    },
    ...content,
  );
  dialog.addEventListener('keydown', (event) => {
    if (event.key === 'Tab') keepFocusInside(dialog, event);
    if (event.key !== 'Escape' || event.defaultPrevented) return;
    event.preventDefault();
    options.leave();
  });
  dialog.addEventListener('cancel', (event) => {
    event.preventDefault();
    options.leave();
  });
  document.body.append(dialog);
  dialog.showModal();
  return {
    dialog,
    close: () => {
      dialog.close();
      dialog.remove();
      giveFocusBack(cameFrom);
    },
  };
}

function keepFocusInside(dialog: HTMLElement, event: KeyboardEvent): void {
  const stops = [...dialog.querySelectorAll<HTMLElement>(FOCUSABLE)].filter(
    (element) => element.checkVisibility() && element.tabIndex >= 0,
  );
  const first = stops[0];
  const last = stops.at(-1);
  if (event.shiftKey && document.activeElement === first) {
    event.preventDefault();
    last?.focus();
  } else if (!event.shiftKey && document.activeElement === last) {
    event.preventDefault();
    first?.focus();
  }
}

/** What had the focus may be gone by now, as a message's button is after its message changed. */
function giveFocusBack(cameFrom: Element | null): void {
  const isThere = cameFrom instanceof HTMLElement && cameFrom.isConnected && cameFrom !== document.body;
  const target = isThere ? cameFrom : document.querySelector<HTMLElement>('.composer input');
  // Chromium has given it the focus already, but without a caret, so that typing goes nowhere: ask for it anew.
  target?.blur();
  target?.focus();
}
