import { type RefObject, useEffect, useMemo, useRef, useState } from 'react';
import type { Conversation } from '../../../slack/protocol/page-protocol.ts';
import { useSession } from '../../session/use-session.ts';
import { type CommandHistory, createCommandHistory } from './command-history.ts';

/** What is being written in a conversation. */
export interface ComposerLine {
  line: string;
  fieldRef: RefObject<HTMLTextAreaElement | null>;
  history: CommandHistory;
  /** The command that the app has yet to answer. */
  waitsFor: string | undefined;
  change(line: string): void;
  /** Puts a line into the field, ready to be sent. */
  fill(line: string): void;
  send(): Promise<void>;
}

export function useComposerLine(personId: string, conversation: Conversation): ComposerLine {
  const session = useSession();
  const [line, setLine] = useState(() => session.drafts.get(conversation.id) ?? '');
  const [waitsFor, setWaitsFor] = useState<string>();
  const fieldRef = useRef<HTMLTextAreaElement>(null);
  const history = useMemo(() => createCommandHistory(personId), [personId]);
  useEffect(() => {
    // On a phone the focus would bring up the keyboard.
    if (matchMedia('(hover: hover)').matches) fieldRef.current?.focus();
  }, []);
  useEffect(() => {
    session.drafts.set(conversation.id, line);
  }, [session, conversation.id, line]);
  return {
    line,
    fieldRef,
    history,
    waitsFor,
    change: (next) => {
      history.stopBrowsing();
      setLine(next);
    },
    fill: (next) => {
      setLine(next);
      fieldRef.current?.focus();
      // The caret stays where it was until the new line is drawn.
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
