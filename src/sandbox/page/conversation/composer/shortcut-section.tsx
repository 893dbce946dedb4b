import { Header, MenuItem, MenuSection, Text } from 'react-aria-components';
import type { Shortcut } from '../../../slack/protocol/page-protocol.ts';
import { Icon } from '../../look/icons.tsx';

/** The app's shortcuts as a section of a menu, by callback ID; nothing where it has none. */
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
