import {
  Button,
  Header,
  Menu,
  MenuItem,
  MenuSection,
  MenuTrigger,
  Popover,
  Text,
} from 'react-aria-components';
import type { Shortcut } from '../../../slack/protocol/page-protocol.ts';
import { Icon } from '../../look/icons.tsx';

const SLASH = 'slash command';

interface AddMenuProps {
  appName: string;
  shortcuts: Shortcut[];
  onShortcut: (callbackId: string) => void;
  onSlash: () => void;
}

/** The plus button beside the composer. */
export function AddMenu({ appName, shortcuts, onShortcut, onSlash }: AddMenuProps) {
  return (
    <MenuTrigger>
      <Button className="composer-button" aria-label="Shortcuts and commands">
        <Icon name="plus" />
      </Button>
      <Popover className="popup" placement="top start">
        <Menu
          className="menu"
          aria-label="Shortcuts and commands"
          onAction={(key) => {
            // The closing menu first returns the focus to its button.
            if (key === SLASH) setTimeout(onSlash, 50);
            else onShortcut(String(key));
          }}
        >
          <ShortcutSection appName={appName} shortcuts={shortcuts} />
          <MenuItem id={SLASH} className="popup-item" textValue="Run a slash command">
            <Icon name="code" />
            <Text slot="label">Run a slash command</Text>
          </MenuItem>
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}

/** A menu section with the app's shortcuts, keyed by callback ID; nothing if it has none. */
export function ShortcutSection({ appName, shortcuts }: { appName: string; shortcuts: Shortcut[] }) {
  if (shortcuts.length === 0) return null;
  return (
    <MenuSection>
      <Header className="popup-heading">{appName}</Header>
      {shortcuts.map(({ callbackId, name, description }) => (
        <MenuItem key={callbackId} id={callbackId} className="popup-item" textValue={name}>
          <Icon name="lightning" />
          <Text slot="label">{name}</Text>
          <Text slot="description" className="popup-item-description">
            {description}
          </Text>
        </MenuItem>
      ))}
    </MenuSection>
  );
}
