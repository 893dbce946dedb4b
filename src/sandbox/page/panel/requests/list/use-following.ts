import { useEffect, useRef, useState } from 'react';
import { createFollower } from './follower.ts';

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
