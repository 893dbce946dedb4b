import type { CareStore } from '../../application/care/care-store.ts';
import { claims, type MethodTable, reads, writes } from '../unit-of-work.ts';
import * as expiryNotices from './expiry-notices.ts';
import { forwardToAdmins } from './forwarded-notifications.ts';
import * as nearMatches from './near-matches.ts';
import { readAccountsWithSimilarSubject } from './similar-subjects.ts';
import * as unowned from './unowned-accounts.ts';
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
  unusedKeys: reads(unusedReviews.readUnusedKeys),
  openReview: writes(unusedReviews.openReview),
  continueReviews: writes(unusedReviews.continueReviews),
  unusedReview: reads(unusedReviews.readUnusedReview),
  keepKey: writes(unusedReviews.keepKey),

  startContactChecks: writes(unowned.startContactChecks),
  contactsToCheck: reads(unowned.readContactsToCheck),
  continueContactChecks: writes(unowned.continueContactChecks),
  contactScopes: reads(unowned.readContactScopes),
  recheckContact: writes(unowned.recheckContact),
  markUnowned: writes(unowned.markUnowned),
  markOwned: writes(unowned.markOwned),
  forwardToAdmins: writes(forwardToAdmins),
  unownedCard: reads(unowned.readUnownedCard),
  repeatUnowned: writes(unowned.repeatUnowned),
  takeOver: writes(unowned.takeOver),
};
