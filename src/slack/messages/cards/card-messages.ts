import type { CardKind, DueCard, DueCards } from '../../../application/cards/card.ts';
import { auditHeadMessage } from '../audit/audit-head-message.ts';
import type { Message } from '../blocks.ts';
import { nearMatchCardContent } from '../care/near-match-message.ts';
import { unownedContent } from '../care/unowned-message.ts';
import { unusedReviewContent } from '../care/unused-review-message.ts';
import { rotationCard } from '../keys/rotation-text.ts';
import { requestCardContent } from '../requests/request-card-message.ts';
import { ownRequestContent } from '../requests/request-notification.ts';

/** A card as Slack shows it. */
export interface CardContent {
  message: Message;
  /** What happened to its subject, oldest first. Markup; entries are only ever added. */
  log: readonly string[];
}

const renderers: { [Kind in CardKind]: (due: DueCards[Kind]) => CardContent } = {
  rotation: rotationCard,
  access_request: (due) => ('isOwn' in due ? ownRequestContent(due) : requestCardContent(due)),
  near_match: nearMatchCardContent,
  unused_review: unusedReviewContent,
  unowned: unownedContent,
  audit_head: (due) => ({ message: auditHeadMessage(due), log: [] }),
};

export function cardContent(due: DueCard): CardContent {
  const { card } = due as { card: CardKind };
  return (renderers[card] as (due: DueCard) => CardContent)(due);
}
