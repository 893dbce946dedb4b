import { useEffect } from 'react';
import { useSession } from '../session/use-session.ts';
import type { AppTab } from './app-tab-list.tsx';

/** Slack tells the app of each look at its Home and Messages tabs. */
export function useHomeOpened(tab: AppTab): void {
  const session = useSession();
  useEffect(() => {
    if (tab !== 'about') void session.openAppHome(tab);
  }, [session, tab]);
}
