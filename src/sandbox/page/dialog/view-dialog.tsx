import './dialog.css';
import { type FormEvent, useEffect, useRef } from 'react';
import { Button, Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import type { PageModal } from '../../slack/protocol/page-protocol.ts';
import { Blocks } from '../block-kit/blocks/blocks.tsx';
import { createFormValues, type FormValues } from '../block-kit/form/form-values.ts';
import { useSurface } from '../block-kit/form/surface.ts';
import { Avatar } from '../look/avatar.tsx';
import { Icon, Spinner } from '../look/icons.tsx';
import { type Session, useSession, useSessionState } from '../session/session.ts';
import { useFieldFocus } from './field-focus.ts';
import { useSubmission } from './submission.ts';

/** An app's modal: a stack of views, of which the topmost is visible. */
export function ViewDialog() {
  const session = useSession();
  const { views } = useSessionState().workspace;
  const valuesOf = useFormValuesByView(views);
  const top = views.at(-1);
  useRestoredFocus(top !== undefined);
  const closeTop = (): void => {
    if (top) void session.closeView(top.id);
  };
  return (
    <ModalOverlay
      className="dialog-curtain"
      isOpen={top !== undefined}
      onOpenChange={(isOpen) => {
        if (!isOpen) closeTop();
      }}
    >
      <Modal className="dialog">
        <Dialog className="dialog-content">
          {top && (
            <ViewFrame
              key={top.id}
              view={top}
              values={valuesOf(top)}
              depth={views.length}
              onBack={closeTop}
              onCloseAll={() => void closeEach(views.toReversed(), session)}
            />
          )}
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

/** Keeps the values of every view on the stack, also while it is covered. */
function useFormValuesByView(views: PageModal[]): (view: PageModal) => FormValues {
  const kept = useRef(new Map<string, FormValues>());
  useEffect(() => {
    for (const id of kept.current.keys()) if (!views.some((view) => view.id === id)) kept.current.delete(id);
  }, [views]);
  return ({ id }) => {
    const values = kept.current.get(id) ?? createFormValues();
    kept.current.set(id, values);
    return values;
  };
}

/**
 * Focuses the composer if the element that opened the dialog no longer exists, such as a button of a message that
 * has changed.
 */
function useRestoredFocus(isOpen: boolean): void {
  const wasOpen = useRef(isOpen);
  useEffect(() => {
    const hasClosed = wasOpen.current && !isOpen;
    wasOpen.current = isOpen;
    if (!hasClosed) return;
    // React Aria restores the focus in the next frame.
    const timer = setTimeout(() => {
      if (document.activeElement === document.body) {
        document.querySelector<HTMLElement>('.composer [role=combobox]')?.focus();
      }
    }, 50);
    return () => clearTimeout(timer);
  }, [isOpen]);
}

/** Closes from the top down; closing one view may close those below it. */
async function closeEach(views: PageModal[], session: Session): Promise<void> {
  for (const view of views) {
    const outcome = await session.closeView(view.id);
    if (!outcome.ok) return;
  }
}

interface ViewFrameProps {
  view: PageModal;
  values: FormValues;
  /** The number of views on the stack, this one included. */
  depth: number;
  onBack: () => void;
  onCloseAll: () => void;
}

function ViewFrame({ view, values, depth, onBack, onCloseAll }: ViewFrameProps) {
  const frameRef = useRef<HTMLFormElement>(null);
  useFieldFocus(frameRef, view);
  const { errors, problem, isBusy, edited, submit } = useSubmission(view, values, frameRef);
  const surface = useSurface({ view: view.id }, { values, edited });
  const submitForm = (event: FormEvent): void => {
    event.preventDefault();
    // React bubbles events out of portals too, such as the events of a confirmation dialog.
    if (event.target === frameRef.current && view.submit !== undefined) void submit();
  };
  return (
    <form className="dialog-frame" ref={frameRef} noValidate onSubmit={submitForm}>
      <ViewHeader title={view.title} onCloseAll={onCloseAll} {...(depth > 1 ? { onBack } : {})} />
      <div className="dialog-body">
        <Blocks blocks={view.blocks} surface={surface} errors={errors} />
      </div>
      <div role="alert">
        {problem !== undefined && (
          <p className="dialog-problem">
            <Icon name="warning" />
            {problem}
          </p>
        )}
      </div>
      <ViewFooter view={view} isBusy={isBusy} onClose={onBack} />
    </form>
  );
}

interface ViewHeaderProps {
  title: string;
  onBack?: () => void;
  onCloseAll: () => void;
}

function ViewHeader({ title, onBack, onCloseAll }: ViewHeaderProps) {
  const { workspace, directory } = useSessionState();
  return (
    <div className="dialog-header">
      {onBack ? (
        <Button className="icon-button" aria-label="Go back" onPress={onBack}>
          <Icon name="back" />
        </Button>
      ) : (
        <Avatar author={directory.author(workspace.app.botUserId)} />
      )}
      <Heading slot="title">{title}</Heading>
      <Button className="icon-button" aria-label="Dismiss dialog" onPress={onCloseAll}>
        <Icon name="cross" />
      </Button>
    </div>
  );
}

interface ViewFooterProps {
  view: PageModal;
  isBusy: boolean;
  onClose: () => void;
}

function ViewFooter({ view, isBusy, onClose }: ViewFooterProps) {
  return (
    <div className="dialog-footer">
      <Button className="button" onPress={onClose}>
        {view.close}
      </Button>
      {view.submit !== undefined && (
        <Button className="button button-primary" type="submit" isPending={isBusy}>
          <span className="button-text">{view.submit}</span>
          {isBusy && <Spinner label="Sending" />}
        </Button>
      )}
    </div>
  );
}
