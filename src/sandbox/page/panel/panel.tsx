import './panel.css';
import './fields.css';
import { type KeyboardEvent, type RefObject, useLayoutEffect, useRef, useState } from 'react';
import { Button, Dialog, Modal, ModalOverlay, Tab, TabList, TabPanel, Tabs } from 'react-aria-components';
import { Icon } from '../look/icons.tsx';
import { useMediaQuery } from '../session/observable.ts';
import { ControlsTab } from './controls/controls-tab.tsx';
import { DemoRunTab } from './demo-run/demo-run-tab.tsx';
import { OutcomeLine, useOutcome } from './outcome.tsx';
import { type FeedState, usePanelFeed } from './panel-feed.ts';
import { RequestsTab } from './requests/requests-tab.tsx';

interface PanelProps {
  onClose: () => void;
  /** Returns the link to a path of the W&B tab. */
  wandbLink: (path: string) => string;
}

/** The developer tools, beside the page in wide windows and over it in narrow ones. */
export function Panel(props: PanelProps) {
  const { onClose } = props;
  const isOverPage = useMediaQuery('(max-width: 899px)');
  if (!isOverPage) return <PanelContent {...props} closesOnEscape />;
  return (
    <ModalOverlay className="panel-overlay" isOpen onOpenChange={onClose}>
      <Modal className="panel-modal">
        <Dialog className="panel-dialog" aria-label="Developer tools">
          <PanelContent {...props} />
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

function PanelContent({
  onClose,
  wandbLink,
  closesOnEscape = false,
}: PanelProps & {
  closesOnEscape?: boolean;
}) {
  const { feed, state } = usePanelFeed();
  const { last, announce, act } = useOutcome(feed);
  const [tab, setTab] = useState('requests');
  const demoRun = state.controls?.demoRun;
  const drawer = useRef<HTMLElement>(null);
  useFocusRestoredOnUnmount(drawer);
  const closeOnEscape = (event: KeyboardEvent): void => {
    if (closesOnEscape && event.key === 'Escape' && isForDrawer(event, drawer.current)) onClose();
  };
  return (
    <aside className="panel" aria-label="Developer tools" ref={drawer} onKeyDown={closeOnEscape}>
      <Tabs className="panel-tabs" selectedKey={tab} onSelectionChange={(key) => setTab(String(key))}>
        <header className="panel-header">
          <h2>Developer tools</h2>
          <TabList aria-label="Developer tools" className="panel-tab-list">
            <Tab id="requests" className="panel-tab">
              Requests
            </Tab>
            <Tab id="controls" className="panel-tab">
              Controls
            </Tab>
            {demoRun && (
              <Tab id="demo-run" className="panel-tab">
                Demo run
              </Tab>
            )}
          </TabList>
          <Button className="panel-icon-button" aria-label="Close developer tools" onPress={onClose}>
            <Icon name="cross" />
          </Button>
        </header>
        <FeedNotice state={state} onRetry={feed.catchUp} />
        <TabPanel id="requests" className="panel-body" shouldForceMount>
          <RequestsTab
            exchanges={state.exchanges}
            connection={state.connection}
            act={act}
            announce={announce}
          />
        </TabPanel>
        <TabPanel id="controls" className="panel-body" shouldForceMount>
          <ControlsTab controls={state.controls} act={act} />
        </TabPanel>
        {demoRun && (
          <TabPanel id="demo-run" className="panel-body" shouldForceMount>
            <DemoRunTab demoRun={demoRun} wandbLink={wandbLink} act={act} />
          </TabPanel>
        )}
      </Tabs>
      <OutcomeLine outcome={last} />
    </aside>
  );
}

/**
 * Excludes popovers, whose events React bubbles here, and inputs, where Escape clears the field or closes a list.
 */
function isForDrawer({ target, defaultPrevented }: KeyboardEvent, drawer: HTMLElement | null): boolean {
  if (defaultPrevented || !(target instanceof Element)) return false;
  return drawer?.contains(target) === true && !target.matches('input');
}

/** A notice while the panel may be out of date or incomplete. */
function FeedNotice({ state, onRetry }: { state: FeedState; onRetry: () => void }) {
  return (
    <div role="status" aria-label="Connection">
      {state.connection === 'lost' && (
        <p className="panel-notice">Lost connection to the sandbox. Reconnecting…</p>
      )}
      {state.connection === 'live' && state.problem !== undefined && (
        <div className="panel-notice">
          <p>Some data couldn’t be loaded: {state.problem}</p>
          <Button className="panel-button" onPress={onRetry}>
            Try again
          </Button>
        </div>
      )}
    </div>
  );
}

/** Returns the focus to where it was at mount if the element still has it at unmount. */
function useFocusRestoredOnUnmount(element: RefObject<HTMLElement | null>): void {
  useLayoutEffect(() => {
    const drawer = element.current;
    const opener = document.activeElement;
    return () => {
      if (drawer?.contains(document.activeElement) && opener instanceof HTMLElement) opener.focus();
    };
  }, [element]);
}
