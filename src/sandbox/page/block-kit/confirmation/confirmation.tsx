import type { Confirm } from '@slack/types';
import { createContext, type ReactNode, useCallback, useState } from 'react';
import type { Directory } from '../../session/directory.ts';
import { ConfirmDialog } from './confirm-dialog.tsx';

/** Asks what the app wants asked. True when the person agreed. */
export type AskToConfirm = (confirm: Confirm) => Promise<boolean>;

export const ConfirmationContext = createContext<AskToConfirm>(async () => true);

interface Question {
  confirm: Confirm;
  answer: (agreed: boolean) => void;
}

/** Lets the elements inside ask for confirmation, one question at a time. */
export function ConfirmationProvider({ directory, children }: { directory: Directory; children: ReactNode }) {
  const [question, setQuestion] = useState<Question>();
  const ask = useCallback((confirm: Confirm) => {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const focused = document.activeElement;
    const answer = (agreed: boolean): void => {
      setQuestion(undefined);
      resolve(agreed);
      if (focused instanceof HTMLElement) returnFocus(focused);
    };
    setQuestion({ confirm, answer });
    return promise;
  }, []);
  return (
    <ConfirmationContext value={ask}>
      {children}
      {question && <ConfirmDialog {...question} directory={directory} />}
    </ConfirmationContext>
  );
}

/** React Aria does it too, but for elements that have lost the focus to a closing menu. */
function returnFocus(element: HTMLElement): void {
  requestAnimationFrame(() => {
    if (document.activeElement === document.body && element.isConnected) element.focus();
  });
}
