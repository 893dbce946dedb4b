import { useEffect, useState, useSyncExternalStore } from 'react';
import { createPanelFeed, type FeedState, type PanelFeed } from './panel-feed.ts';

/** Follows as long as the component stands. */
export function usePanelFeed(): { feed: PanelFeed; state: FeedState } {
  const [feed] = useState(createPanelFeed);
  useEffect(() => feed.follow(), [feed]);
  return { feed, state: useSyncExternalStore(feed.subscribe, feed.state) };
}
