import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { PageMessage } from '../../../slack/protocol/page-protocol.ts';

const NEAR_BOTTOM_PX = 80;

interface StayAtBottom {
  logRef: RefObject<HTMLDivElement | null>;
  /** Whether new messages have arrived below the visible ones. */
  hasNewMessages: boolean;
  scrollToBottom(): void;
}

/** Follows the newest message, unless the person has scrolled up. */
export function useStayAtBottom(messages: PageMessage[] | undefined, me: string): StayAtBottom {
  const logRef = useRef<HTMLDivElement>(null);
  const isAtBottom = useRef(true);
  const newest = useRef<string>(undefined);
  const [hasNewMessages, setHasNews] = useState(false);
  const scrollToBottom = (): void => {
    logRef.current?.scrollTo({ top: logRef.current.scrollHeight });
  };
  useEffect(() => {
    const log = logRef.current;
    if (!log) return;
    const note = (): void => {
      isAtBottom.current = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_BOTTOM_PX;
      if (isAtBottom.current) setHasNews(false);
    };
    const stay = (): void => {
      if (isAtBottom.current) log.scrollTop = log.scrollHeight;
    };
    const resized = new ResizeObserver(stay);
    log.addEventListener('scroll', note, { passive: true });
    resized.observe(log);
    return () => {
      log.removeEventListener('scroll', note);
      resized.disconnect();
    };
  }, []);
  useLayoutEffect(() => {
    const last = messages?.at(-1);
    const isNew = last !== undefined && newest.current !== undefined && last.ts > newest.current;
    newest.current = last?.ts ?? newest.current;
    if (isAtBottom.current || (isNew && last.user === me)) {
      logRef.current?.scrollTo({ top: logRef.current.scrollHeight });
    } else if (isNew) setHasNews(true);
  }, [messages, me]);
  return { logRef, hasNewMessages, scrollToBottom };
}

/** Returns handlers for the element around the messages that notice when the focused message is removed. */
export function useFocusLost(messages: PageMessage[] | undefined, onFocusLost: () => void) {
  const hadFocus = useRef(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a message can only be removed by a new list.
  useEffect(() => {
    if (!hadFocus.current || document.activeElement !== document.body) return;
    hadFocus.current = false;
    onFocusLost();
  }, [messages]);
  return {
    onFocus: () => {
      hadFocus.current = true;
    },
    // React fires no blur event when the focused element is removed.
    onBlur: () => {
      hadFocus.current = false;
    },
  };
}
