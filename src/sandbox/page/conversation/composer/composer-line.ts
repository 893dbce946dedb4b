import { type RefObject, useEffect, useMemo, useRef, useState } from 'react';
import type { Conversation } from '../../../slack/protocol/page-protocol.ts';
import { useSession } from '../../session/session.ts';

/** The line being written in a conversation. */
export interface ComposerLine {
  line: string;
  fieldRef: RefObject<HTMLTextAreaElement | null>;
  history: CommandHistory;
  /** The command that is waiting for the app's response. */
  pendingCommand: string | undefined;
  change(line: string): void;
  /** Puts a line into the field without sending it. */
  fill(line: string): void;
  send(): Promise<void>;
}

export function useComposerLine(personId: string, conversation: Conversation): ComposerLine {
  const session = useSession();
  const [line, setLine] = useState(() => session.drafts.get(conversation.id) ?? '');
  const [pendingCommand, setWaitsFor] = useState<string>();
  const fieldRef = useRef<HTMLTextAreaElement>(null);
  const history = useMemo(() => createCommandHistory(personId), [personId]);
  useEffect(() => {
    // On a phone, focusing the field would open the keyboard.
    if (matchMedia('(hover: hover)').matches) fieldRef.current?.focus();
  }, []);
  useEffect(() => {
    session.drafts.set(conversation.id, line);
  }, [session, conversation.id, line]);
  return {
    line,
    fieldRef,
    history,
    pendingCommand,
    change: (next) => {
      history.stopBrowsing();
      setLine(next);
    },
    fill: (next) => {
      setLine(next);
      fieldRef.current?.focus();
      // The caret can only move once the new line is rendered.
      requestAnimationFrame(() => fieldRef.current?.setSelectionRange(next.length, next.length));
    },
    send: async () => {
      const typed = line.trim();
      if (typed === '') return;
      history.add(typed);
      setLine('');
      if (typed.startsWith('/')) setWaitsFor(typed.split(/\s/)[0]);
      await session.send(conversation.id, typed);
      setWaitsFor(undefined);
    },
  };
}

const MAX_LINES = 50;

/** The commands that one person has typed, for the arrow keys. Lives as long as the browser tab. */
interface CommandHistory {
  add(line: string): void;
  /** Returns the next older line; undefined at the end. */
  older(): string | undefined;
  /** Returns the next newer line; after the newest, an empty one. */
  newer(): string;
  isBrowsing(): boolean;
  stopBrowsing(): void;
}

function createCommandHistory(personId: string): CommandHistory {
  const key = `commands ${personId}`;
  const lines: string[] = JSON.parse(sessionStorage.getItem(key) ?? '[]');
  let back = 0;
  return {
    add: (line) => {
      if (lines.at(-1) !== line) lines.push(line);
      lines.splice(0, lines.length - MAX_LINES);
      sessionStorage.setItem(key, JSON.stringify(lines));
      back = 0;
    },
    older: () => {
      if (back >= lines.length) return undefined;
      back += 1;
      return lines.at(-back);
    },
    newer: () => {
      back = Math.max(0, back - 1);
      return back === 0 ? '' : (lines.at(-back) ?? '');
    },
    isBrowsing: () => back > 0,
    stopBrowsing: () => {
      back = 0;
    },
  };
}
