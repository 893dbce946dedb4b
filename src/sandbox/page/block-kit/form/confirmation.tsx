import type { Confirm } from '@slack/types';
import { createContext, type ReactNode, useCallback, useId, useState } from 'react';
import type { Directory } from '../../session/directory.ts';
import './confirmation.css';
import { Button, Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { plainText } from '../../mrkdwn/emoji.ts';
import { Text } from '../../mrkdwn/mrkdwn-view.tsx';

/** Shows a confirmation dialog and resolves with whether the person agreed. */
export type AskToConfirm = (confirm: Confirm) => Promise<boolean>;

export const ConfirmationContext = createContext<AskToConfirm>(async () => true);

interface Question {
  confirm: Confirm;
  answer: (agreed: boolean) => void;
}

/** Lets the elements inside it ask for confirmation, one question at a time. */
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

/** React Aria restores the focus too, except to an element that had lost it to a closing menu. */
function returnFocus(element: HTMLElement): void {
  requestAnimationFrame(() => {
    if (document.activeElement === document.body && element.isConnected) element.focus();
  });
}

interface ConfirmDialogProps {
  confirm: Confirm;
  directory: Directory;
  answer: (agreed: boolean) => void;
}

/** Draws a confirmation object. Enter agrees, Escape cancels. */
function ConfirmDialog({ confirm, directory, answer }: ConfirmDialogProps) {
  const textId = useId();
  const style = confirm.style === 'danger' ? 'danger' : 'primary';
  return (
    <ModalOverlay className="confirm-curtain" isOpen onOpenChange={(isOpen) => isOpen || answer(false)}>
      <Modal className="confirm">
        <Dialog role="alertdialog" aria-describedby={textId}>
          <Heading slot="title">{confirm.title ? plainText(confirm.title) : 'Are you sure?'}</Heading>
          <div id={textId} className="text confirm-text">
            <Text object={confirm.text} directory={directory} />
          </div>
          <div className="confirm-answers">
            <Button className="button" onPress={() => answer(false)}>
              {confirm.deny ? plainText(confirm.deny) : 'Cancel'}
            </Button>
            <Button className={`button button-${style}`} autoFocus onPress={() => answer(true)}>
              {confirm.confirm ? plainText(confirm.confirm) : 'OK'}
            </Button>
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
