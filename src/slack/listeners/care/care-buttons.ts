import { LET_EXPIRE_ACTION } from '../../messages/care/expiry-message.ts';
import { NEAR_MATCH_ACTIONS } from '../../messages/care/near-match-message.ts';
import { TAKE_OVER_ACTION } from '../../messages/care/unowned-message.ts';
import { KEEP_KEY_ACTION } from '../../messages/care/unused-review-message.ts';
import type { ButtonClick, ListenerContext } from '../listener-context.ts';
import { letExpireAction } from './expiry-actions.ts';
import { acceptSubjectAction, ignoreSubjectAction } from './near-match-actions.ts';
import { takeOverAction } from './unowned-actions.ts';
import { keepKeyAction } from './unused-actions.ts';

/** The buttons of messages about the care for existing accounts. */
export const careButtons: Record<string, (context: ListenerContext, click: ButtonClick) => Promise<void>> = {
  [LET_EXPIRE_ACTION]: letExpireAction,
  [NEAR_MATCH_ACTIONS.use]: acceptSubjectAction,
  [NEAR_MATCH_ACTIONS.ignore]: ignoreSubjectAction,
  [KEEP_KEY_ACTION]: keepKeyAction,
  [TAKE_OVER_ACTION]: takeOverAction,
};
