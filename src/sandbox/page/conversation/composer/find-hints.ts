import type { Shortcut, SlashCommand } from '../../../slack/protocol/page-protocol.ts';

/** Something that can be chosen while a line that begins with a slash is typed. */
export type Hint =
  | { id: string; kind: 'command'; command: SlashCommand }
  | { id: string; kind: 'shortcut'; shortcut: Shortcut };

/** The commands that begin as typed, and the shortcuts in whose name a word does. */
export function findHints(typed: string, commands: SlashCommand[], shortcuts: Shortcut[]): Hint[] {
  if (!typed.startsWith('/') || typed.includes('\n') || commandOf(typed, commands)) return [];
  const sought = typed.slice(1).toLowerCase();
  return [
    ...commands
      .filter(({ command }) => command.startsWith(typed))
      .map((command): Hint => ({ id: command.command, kind: 'command', command })),
    ...shortcuts
      .filter(({ type, name }) => type === 'global' && doesFit(name.toLowerCase(), sought))
      .map((shortcut): Hint => ({ id: shortcut.callbackId, kind: 'shortcut', shortcut })),
  ];
}

/** The command whose arguments are being typed. */
export function commandOf(typed: string, commands: SlashCommand[]): SlashCommand | undefined {
  return commands.find(({ command }) => typed.startsWith(`${command} `));
}

function doesFit(name: string, sought: string): boolean {
  return name.startsWith(sought) || name.includes(` ${sought}`);
}
