import './confirm-dialog.css';
import type { Confirm } from '@slack/types';
import { useId } from 'react';
import { Button, Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { plainText } from '../../mrkdwn/plain-text.ts';
import { Text } from '../../mrkdwn/text-object.tsx';
import type { Directory } from '../../session/directory.ts';

interface ConfirmDialogProps {
  confirm: Confirm;
  directory: Directory;
  answer: (agreed: boolean) => void;
}

/** A confirmation object. Enter agrees, Escape doesn't. */
export function ConfirmDialog({ confirm, directory, answer }: ConfirmDialogProps) {
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
