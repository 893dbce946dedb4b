import { useEffect, useRef, useState } from 'react';

const NEAR_BOTTOM_PX = 24;

export interface Follower {
  attach(scroller: HTMLElement, list: HTMLElement): () => void;
  stop(): void;
  follow(): void;
}

/** Keeps the end of a growing list visible, except while the person has scrolled up. */
function createFollower(changed: (isFollowing: boolean) => void): Follower {
  let element: HTMLElement | undefined;
  let isFollowing = true;
  // After `stop`, only the person's own scrolling resumes following, not a programmatic `scrollIntoView`.
  let isHeld = false;
  let topBefore = 0;

  const set = (wanted: boolean): void => {
    if (wanted !== isFollowing) changed(wanted);
    isFollowing = wanted;
  };
  const toBottom = (): void => {
    if (element && isFollowing) element.scrollTop = element.scrollHeight;
  };
  const scrolled = (): void => {
    if (!element) return;
    const { scrollTop, scrollHeight, clientHeight } = element;
    const isAtBottom = scrollHeight - scrollTop - clientHeight < NEAR_BOTTOM_PX;
    // A growing list doesn't change `scrollTop`, so only scrolling up stops following.
    if (isAtBottom ? !isHeld : scrollTop < topBefore) set(isAtBottom);
    topBefore = scrollTop;
  };
  const release = (): void => {
    isHeld = false;
  };

  return {
    attach(scroller, list) {
      element = scroller;
      return listen(scroller, list, { scrolled, touched: release, resized: toBottom });
    },
    stop() {
      isHeld = true;
      set(false);
    },
    follow() {
      isHeld = false;
      set(true);
      toBottom();
    },
  };
}

function listen(
  scroller: HTMLElement,
  list: HTMLElement,
  on: { scrolled: () => void; touched: () => void; resized: () => void },
): () => void {
  const ending = new AbortController();
  const listening = { passive: true, signal: ending.signal };
  scroller.addEventListener('scroll', on.scrolled, listening);
  for (const own of ['wheel', 'touchmove', 'pointerdown', 'keydown']) {
    scroller.addEventListener(own, on.touched, listening);
  }
  const sizes = new ResizeObserver(on.resized);
  sizes.observe(list);
  sizes.observe(scroller);
  return () => {
    ending.abort();
    sizes.disconnect();
  };
}

export function useFollowing() {
  const scroller = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLOListElement>(null);
  const [isFollowing, setFollowing] = useState(true);
  const [follower] = useState(() => createFollower(setFollowing));
  useEffect(() => {
    if (!scroller.current || !list.current) return;
    return follower.attach(scroller.current, list.current);
  }, [follower]);
  return { scroller, list, isFollowing, stop: follower.stop, follow: follower.follow };
}
