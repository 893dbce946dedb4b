import { useState } from 'react';
import type { Conversation } from '../../../slack/protocol/page-protocol.ts';
import { useSession, useSessionState } from '../../session/use-session.ts';
import { findHints, type Hint } from './find-hints.ts';
import type { ComposerLine } from './use-composer-line.ts';

interface Hints {
  hints: Hint[];
  choose(hint: Hint): void;
  runShortcut(callbackId: string): void;
  /** Until the line is another one. */
  closeHints(): void;
}

/** What can be chosen for the line that is being written. */
export function useHints(conversation: Conversation, composer: ComposerLine): Hints {
  const session = useSession();
  const { app, commands } = useSessionState().workspace;
  const { line } = composer;
  // The line that the hints were closed for.
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
