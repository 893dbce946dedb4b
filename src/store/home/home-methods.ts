import type { HomeStore } from '../../application/home/home-store.ts';
import { type MethodTable, reads, writes } from '../unit-of-work.ts';
import { readAccountsByPartOfName } from './account-search.ts';
import { readHomeCare } from './home-care.ts';
import { muteMessages, readMutedMessages } from './person-settings.ts';

/** What the Home tab reads and stores. */
export const homeMethods: MethodTable<HomeStore> = {
  homeCare: reads(readHomeCare),
  accountsByPartOfName: reads(readAccountsByPartOfName),
  mutedMessages: reads(readMutedMessages),
  muteMessages: writes(muteMessages),
};
