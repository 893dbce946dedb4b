import type { CareStore } from '../../application/care/care-store.ts';
import type { SqliteConnection, WriteContext } from '../database/connection.ts';
import { claims, type MethodTable, reads, type StoreScope, writes } from '../unit-of-work.ts';
import * as contactChecks from './contact-checks.ts';
import * as expiryNotices from './expiry-notices.ts';
import { forwardToAdmins } from './forwarded-notifications.ts';
import * as nearMatches from './near-matches.ts';
import { readAccountsWithSimilarSubject } from './similar-subjects.ts';
import type { ChangedPart } from './unowned-accounts.ts';
import * as unowned from './unowned-accounts.ts';
import { readUnownedCard } from './unowned-card.ts';
import { oldestFirst, readUnusedKeys, type UnusedRow } from './unused-keys.ts';
import * as unusedReviews from './unused-reviews.ts';

export const careMethods: MethodTable<CareStore> = {
  expiringKey: reads(expiryNotices.readExpiringKey),
  queueExpiryNotice: writes(expiryNotices.queueExpiryNotice),
  letKeyExpire: writes(expiryNotices.letKeyExpire),

  accountsWithSimilarSubject: reads(readAccountsWithSimilarSubject),
  openNearMatch: (scope) => {
    const open = claims(nearMatches.readMissingNearMatch, nearMatches.openNearMatch)(scope);
    return async (match) => (await open(match)).length > 0;
  },
  nearMatch: reads(nearMatches.readNearMatch),
  showNearMatch: writes(nearMatches.showNearMatchIn),
  acceptNearMatch: writes(nearMatches.acceptNearMatch),
  ignoreNearMatch: writes(nearMatches.ignoreNearMatch),

  startReviews: writes(unusedReviews.startReviews),
  teamsToReview: reads(unusedReviews.readTeamsToReview),
  unusedKeys: (scope) => {
    const readPart = reads(readUnusedKeys)(scope);
    return async (teamId, options) => {
      let keys: UnusedRow[] = [];
      for (let after: string | undefined = ''; after !== undefined; ) {
        const part = await readPart(teamId, options, after);
        keys = oldestFirst([...keys, ...part.keys]).slice(0, options.limit);
        after = part.next;
        await nextTurn();
      }
      return keys.map(({ keyId, scope: ofAccount }) => ({ keyId, scope: ofAccount }));
    };
  },
  openReview: writes(unusedReviews.openReview),
  continueReviews: writes(unusedReviews.continueReviews),
  unusedReview: reads(unusedReviews.readUnusedReview),
  keepKey: writes(unusedReviews.keepKey),

  startContactChecks: writes(contactChecks.startContactChecks),
  contactsToCheck: reads(contactChecks.readContactsToCheck),
  continueContactChecks: writes(contactChecks.continueContactChecks),
  contactScopes: reads(contactChecks.readContactScopes),
  recheckContact: writes(contactChecks.recheckContact),
  markUnowned: inParts(unowned.markUnowned),
  markOwned: inParts(unowned.markOwned),
  forwardToAdmins: writes(forwardToAdmins),
  unownedCard: reads(readUnownedCard),
  repeatUnowned: writes(unowned.repeatUnowned),
  takeOver: writes(unowned.takeOver),
};

/** Turns a function that changes accounts into a method that changes all of them in parts, and returns how many. */
function inParts<Options>(
  change: (tx: SqliteConnection, context: WriteContext, options: Options, after: number) => ChangedPart,
): (scope: StoreScope) => (options: Options) => Promise<number> {
  return (scope) => {
    const changePart = writes(change)(scope);
    return async (options) => {
      let changed = 0;
      for (let after: number | undefined = 0; after !== undefined; ) {
        const part: ChangedPart = await changePart(options, after);
        changed += part.changed;
        after = part.next;
        await nextTurn();
      }
      return changed;
    };
  };
}

/** Lets requests run between two parts: SQLite is synchronous. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
