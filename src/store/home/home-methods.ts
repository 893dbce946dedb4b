import type { HomeStore } from '../../application/home/home-store.ts';
import { type MethodTable, reads, writes } from '../unit-of-work.ts';
import { readHomeCare } from './home-care.ts';
import { muteMessages, readHasOpenedHome, readMutedMessages, recordHomeOpened } from './person-settings.ts';

/** What the Home tab reads and stores. */
export const homeMethods: MethodTable<HomeStore> = {
  homeCare: reads(readHomeCare),
  recordHomeOpened: writes(recordHomeOpened),
  hasOpenedHome: reads(readHasOpenedHome),
  mutedMessages: reads(readMutedMessages),
  muteMessages: writes(muteMessages),
};
