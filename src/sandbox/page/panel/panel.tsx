import './panel.css';
import './fields/fields.css';
import { type KeyboardEvent, useRef, useState } from 'react';
import { Button, Dialog, Modal, ModalOverlay, Tab, TabList, TabPanel, Tabs } from 'react-aria-components';
import { Icon } from '../look/icons.tsx';
import { ControlsTab } from './controls/controls-tab.tsx';
import { useOutcome } from './feed/use-outcome.ts';
import { usePanelFeed } from './feed/use-panel-feed.ts';
import { FeedNotice } from './feed-notice.tsx';
import { OutcomeLine } from './outcome-line.tsx';
import { RequestsTab } from './requests/requests-tab.tsx';
import { useMediaQuery } from './use-media-query.ts';
import { useReturnedFocus } from './use-returned-focus.ts';

/** The developers' drawer: beside the page where there is room for both, else over it. */
export function Panel({ onClose }: { onClose: () => void }) {
  const isOverPage = useMediaQuery('(max-width: 899px)');
  if (!isOverPage) return <PanelContent onClose={onClose} closesOnEscape />;
  return (
    <ModalOverlay className="panel-overlay" isOpen onOpenChange={onClose}>
      <Modal className="panel-modal">
        <Dialog className="panel-dialog" aria-label="Developer tools">
          <PanelContent onClose={onClose} />
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

function PanelContent({
  onClose,
  closesOnEscape = false,
}: {
  onClose: () => void;
  closesOnEscape?: boolean;
}) {
  const { feed, state } = usePanelFeed();
  const { last, say, act } = useOutcome(feed);
  const [tab, setTab] = useState('requests');
  const drawer = useRef<HTMLElement>(null);
  useReturnedFocus(drawer);
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
          </TabList>
          <Button className="panel-icon-button" aria-label="Close developer tools" onPress={onClose}>
            <Icon name="cross" />
          </Button>
        </header>
        <FeedNotice state={state} onRetry={feed.catchUp} />
        <TabPanel id="requests" className="panel-body" shouldForceMount>
          <RequestsTab exchanges={state.exchanges} connection={state.connection} act={act} say={say} />
        </TabPanel>
        <TabPanel id="controls" className="panel-body" shouldForceMount>
          <ControlsTab controls={state.controls} act={act} />
        </TabPanel>
      </Tabs>
      <OutcomeLine outcome={last} />
    </aside>
  );
}

/** Not one of a popover, whose events bubble here in React, nor of a field, where Escape clears or closes a list. */
function isForDrawer({ target, defaultPrevented }: KeyboardEvent, drawer: HTMLElement | null): boolean {
  if (defaultPrevented || !(target instanceof Element)) return false;
  return drawer?.contains(target) === true && !target.matches('input');
}
