import { useState } from 'react';
import { Header, ListBox, ListBoxItem, ListBoxSection } from 'react-aria-components';
import type { Conversation, Shortcut, SlashCommand } from '../../../slack/protocol/page-protocol.ts';
import { Icon } from '../../look/icons.tsx';
import { useSession, useSessionState } from '../../session/session.ts';
import type { ComposerLine } from './composer-line.ts';

/** An entry of the list that a leading slash opens. */
export type Hint =
  | { id: string; kind: 'command'; command: SlashCommand }
  | { id: string; kind: 'shortcut'; shortcut: Shortcut };

interface CommandHintsProps {
  hints: Hint[];
  appName: string;
  onChoose: (hint: Hint) => void;
}

/** A list above the composer; arrow keys move through it while the focus stays in the field. */
export function CommandHints({ hints, appName, onChoose }: CommandHintsProps) {
  return (
    <ListBox
      className="hints"
      aria-label="Commands and shortcuts"
      // Pressing a hint must not take the focus out of the field.
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

/** Shows the usage of a command while its arguments are being typed. */
export function CommandUsage({ id, command }: { id: string; command: SlashCommand }) {
  return (
    <div className="command-usage" id={id}>
      <span>
        <strong>{command.command}</strong> {command.usageHint}
      </span>
      <span className="hint-description">{command.description}</span>
    </div>
  );
}

interface Hints {
  hints: Hint[];
  choose(hint: Hint): void;
  runShortcut(callbackId: string): void;
  /** Hides the hints until the line changes. */
  closeHints(): void;
}

/** Returns the hints for the current line, and what choosing one does. */
export function useHints(conversation: Conversation, composer: ComposerLine): Hints {
  const session = useSession();
  const { app, commands } = useSessionState().workspace;
  const { line } = composer;
  const [closedFor, setClosedFor] = useState<string>();
  const runShortcut = (callbackId: string) => void session.runShortcut(callbackId, conversation.id);
  return {
    hints: line === closedFor ? [] : findHints(line, commands, app.shortcuts),
    choose: (hint) => {
      composer.fill(hint.kind === 'command' ? `${hint.command.command} ` : '');
      if (hint.kind === 'shortcut') runShortcut(hint.shortcut.callbackId);
    },
    runShortcut,
    closeHints: () => setClosedFor(line),
  };
}

/** Returns the commands that start with the typed text, and the shortcuts with a word that does. */
function findHints(typed: string, commands: SlashCommand[], shortcuts: Shortcut[]): Hint[] {
  if (!typed.startsWith('/') || typed.includes('\n') || commandOf(typed, commands)) return [];
  const sought = typed.slice(1).toLowerCase();
  return [
    ...commands
      .filter(({ command }) => command.startsWith(typed))
      .map((command): Hint => ({ id: command.command, kind: 'command', command })),
    ...shortcuts
      .filter(({ type, name }) => type === 'global' && matchesName(name.toLowerCase(), sought))
      .map((shortcut): Hint => ({ id: shortcut.callbackId, kind: 'shortcut', shortcut })),
  ];
}

/** Returns the command whose arguments are being typed. */
export function commandOf(typed: string, commands: SlashCommand[]): SlashCommand | undefined {
  return commands.find(({ command }) => typed.startsWith(`${command} `));
}

function matchesName(name: string, sought: string): boolean {
  return name.startsWith(sought) || name.includes(` ${sought}`);
}
