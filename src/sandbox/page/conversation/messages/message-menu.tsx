import { Button, Menu, MenuItem, MenuTrigger, Popover, Text } from 'react-aria-components';
import type { ShownMessage } from '../../../slack/protocol/page-protocol.ts';
import { Icon } from '../../look/icons.tsx';
import { unescapeEntities } from '../../mrkdwn/entities.ts';
import { useSession, useSessionState } from '../../session/use-session.ts';
import { ShortcutSection } from '../composer/shortcut-section.tsx';

const COPY = 'copy text';

/** What can be done with a message, over it while it is pointed at. */
export function MessageMenu({ message }: { message: ShownMessage }) {
  const session = useSession();
  const { app } = useSessionState().workspace;
  const shortcuts = app.shortcuts.filter(({ type }) => type === 'message');
  const { conversation, ts } = message;
  const act = (key: string): void => {
    if (key === COPY) void navigator.clipboard.writeText(unescapeEntities(message.text));
    else void session.runShortcut(key, conversation, { conversation, ts });
  };
  return (
    <div className="message-toolbar">
      <MenuTrigger>
        <Button className="message-toolbar-button" aria-label="More actions">
          <Icon name="more" />
        </Button>
        <Popover className="popup" placement="bottom end">
          <Menu className="menu" aria-label="More actions" onAction={(key) => act(String(key))}>
            <MenuItem id={COPY} className="popup-item" textValue="Copy text">
              <Icon name="copy" />
              <Text slot="label">Copy text</Text>
            </MenuItem>
            <ShortcutSection appName={app.name} shortcuts={shortcuts} />
          </Menu>
        </Popover>
      </MenuTrigger>
    </div>
  );
}
