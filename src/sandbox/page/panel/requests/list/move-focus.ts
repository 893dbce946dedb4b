const TOGGLE = '.request-toggle';

/** Moves the focus between the rows of the list, as the arrows, Home and End ask for; false when it is not about that. */
export function moveFocus(list: Element, target: EventTarget, key: string): boolean {
  if (!(target instanceof Element) || !target.matches(TOGGLE)) return false;
  const rows = [...list.querySelectorAll<HTMLElement>(TOGGLE)];
  const next = nextIndex(rows.indexOf(target as HTMLElement), rows.length, key);
  if (next === undefined) return false;
  rows[next]?.focus();
  return true;
}

function nextIndex(index: number, count: number, key: string): number | undefined {
  switch (key) {
    case 'ArrowDown':
      return Math.min(index + 1, count - 1);
    case 'ArrowUp':
      return Math.max(index - 1, 0);
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return undefined;
  }
}
