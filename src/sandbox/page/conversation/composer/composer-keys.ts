import type { KeyboardEvent } from 'react';
import type { Hint } from './command-hints.tsx';
import type { ComposerLine } from './composer-line.ts';

interface ComposerKeys {
  composer: ComposerLine;
  hints: Hint[];
  choose: (hint: Hint) => void;
  closeHints: () => void;
}

/** Handles the keys that send, choose a hint or browse the history, before React Aria's autocomplete sees them. */
export function useComposerKeys(keys: ComposerKeys): (event: KeyboardEvent) => void {
  return (event) => {
    const isInField = event.target === keys.composer.fieldRef.current;
    if (!isInField || event.nativeEvent.isComposing || !takeKey(event, keys)) return;
    event.preventDefault();
    event.stopPropagation();
  };
}

function takeKey(event: KeyboardEvent, { composer, hints, choose, closeHints }: ComposerKeys): boolean {
  switch (event.key) {
    case 'Enter':
    case 'Tab': {
      if (event.shiftKey) return false;
      const hint = chosenHint(composer, hints);
      if (hint) choose(hint);
      else if (event.key === 'Enter') void composer.send();
      return hint !== undefined || event.key === 'Enter';
    }
    case 'Escape':
      closeHints();
      return hints.length > 0;
    case 'ArrowUp':
      return browse(composer, composer.line === '', () => composer.history.older());
    case 'ArrowDown':
      return browse(composer, false, () => composer.history.newer());
    default:
      return false;
  }
}

/** Returns undefined if the line is already a complete command, which Enter sends. */
function chosenHint({ line, fieldRef }: ComposerLine, hints: Hint[]): Hint | undefined {
  if (hints.some(({ id }) => id === line)) return undefined;
  // Reads the marked option, because `aria-activedescendant` lags half a second behind the arrow keys.
  const marked = fieldRef.current
    ?.closest('.composer')
    ?.querySelector<HTMLElement>('[role=option][data-focused]');
  return hints.find(({ id }) => id === marked?.dataset.key) ?? hints[0];
}

function browse(composer: ComposerLine, mayBegin: boolean, next: () => string | undefined): boolean {
  if (!mayBegin && !composer.history.isBrowsing()) return false;
  const line = next();
  if (line !== undefined) composer.fill(line);
  return true;
}
