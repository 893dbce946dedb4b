import { Header, ListBox, ListBoxItem, ListBoxSection } from 'react-aria-components';
import type { Shortcut, SlashCommand } from '../../../slack/protocol/page-protocol.ts';
import { Icon } from '../../look/icons.tsx';
import type { Hint } from './find-hints.ts';

interface CommandHintsProps {
  hints: Hint[];
  appName: string;
  onChoose: (hint: Hint) => void;
}

/** Above the composer, moved through with the arrow keys while the focus stays in it. */
export function CommandHints({ hints, appName, onChoose }: CommandHintsProps) {
  return (
    <ListBox
      className="hints"
      aria-label="Commands and shortcuts"
      // The focus stays in the field when a hint is pressed.
      onMouseDown={(event) => event.preventDefault()}
      onAction={(key) => {
        const chosen = hints.find(({ id }) => id === key);
        if (chosen) onChoose(chosen);
      }}
    >
      <ListBoxSection>
        <Header className="hints-header">{appName}</Header>
        {hints.map((hint) =>
          hint.kind === 'command' ? commandHint(hint.id, hint.command) : shortcutHint(hint.id, hint.shortcut),
        )}
      </ListBoxSection>
    </ListBox>
  );
}

function commandHint(id: string, { command, usageHint, description }: SlashCommand) {
  return (
    <ListBoxItem key={id} id={id} className="command-hint" textValue={command}>
      <span className="hint-name">
        <strong>{command}</strong> {usageHint}
      </span>
      <span className="hint-description">{description}</span>
    </ListBoxItem>
  );
}

function shortcutHint(id: string, { name, description }: Shortcut) {
  return (
    <ListBoxItem key={id} id={id} className="command-hint" textValue={name}>
      <span className="hint-name">
        <Icon name="lightning" /> <strong>{name}</strong>
      </span>
      <span className="hint-description">{description}</span>
    </ListBoxItem>
  );
}
