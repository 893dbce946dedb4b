import './dialog.css';
import { useEffect, useRef } from 'react';
import { Dialog, Modal, ModalOverlay } from 'react-aria-components';
import type { ShownView } from '../../slack/protocol/page-protocol.ts';
import { createFormValues, type FormValues } from '../block-kit/form/form-values.ts';
import type { Session } from '../session/session.ts';
import { useSession, useSessionState } from '../session/use-session.ts';
import { ViewFrame } from './view-frame.tsx';

/** The modal of an app: a stack of views in one dialog, of which the topmost shows. */
export function ViewDialog() {
  const session = useSession();
  const { views } = useSessionState().workspace;
  const valuesOf = useKeptValues(views);
  const top = views.at(-1);
  useFocusGivenBack(top !== undefined);
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

/** What is typed into the views, those beneath included; it lives as long as a view is on the stack. */
function useKeptValues(views: ShownView[]): (view: ShownView) => FormValues {
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

/** What opened the dialog may be gone by now, as a message's button is after its message changed. */
function useFocusGivenBack(isOpen: boolean): void {
  const wasOpen = useRef(isOpen);
  useEffect(() => {
    const hasClosed = wasOpen.current && !isOpen;
    wasOpen.current = isOpen;
    if (!hasClosed) return;
    // The library gives the focus back in the next frame.
    const timer = setTimeout(() => {
      if (document.activeElement === document.body) {
        document.querySelector<HTMLElement>('.composer [role=combobox]')?.focus();
      }
    }, 50);
    return () => clearTimeout(timer);
  }, [isOpen]);
}

/** From the topmost down; a view may take the ones beneath with it. */
async function closeEach(views: ShownView[], session: Session): Promise<void> {
  for (const view of views) {
    const outcome = await session.closeView(view.id);
    if (!outcome.ok) return;
  }
}
