import { useRef, useState } from 'react';

interface DraftProps<T> {
  held: T | null;
  /** Whether a value is taken when the person is done with the field, rather than at every key. */
  waits: boolean;
  take: (value: T | null) => void;
}

/**
 * A date is complete many times while it is typed: with 2, 20, 202 and 2026 for its year. Where taking it tells the app,
 * that has to wait for the last one.
 */
export function useDraft<T extends { toString(): string }>({ held, waits, take }: DraftProps<T>) {
  const [draft, setDraft] = useState<{ value: T | null }>();
  const control = useRef<HTMLDivElement>(null);
  const settle = (): void => {
    if (!draft) return;
    setDraft(undefined);
    if (draft.value?.toString() !== held?.toString()) take(draft.value);
  };
  return {
    value: draft ? draft.value : held,
    /** Belongs to the element that has the segments inside. */
    control,
    edit: (value: T | null): void => {
      if (waits) setDraft({ value });
      else take(value);
    },
    /** The calendar was closed. */
    settle,
    /** The focus has left. What is incomplete then is no date. */
    leave: (): void => {
      const isIncomplete = control.current?.querySelector('[data-placeholder]') !== null;
      if (!isIncomplete) settle();
      else {
        setDraft(undefined);
        if (held !== null) take(null);
      }
    },
  };
}
