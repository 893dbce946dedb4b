import { useEffect, useRef } from 'react';
import type { ShownMessage } from '../../../slack/protocol/page-protocol.ts';

/** For the element around the messages: notes when one goes that had the focus, which would then be nowhere. */
export function useFocusLost(messages: ShownMessage[] | undefined, onFocusLost: () => void) {
  const hadFocus = useRef(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: messages go only when there is another list of them.
  useEffect(() => {
    if (!hadFocus.current || document.activeElement !== document.body) return;
    hadFocus.current = false;
    onFocusLost();
  }, [messages]);
  return {
    onFocus: () => {
      hadFocus.current = true;
    },
    // React tells of no blur when the element is taken out.
    onBlur: () => {
      hadFocus.current = false;
    },
  };
}
