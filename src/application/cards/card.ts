import type { AuditHeadCard } from '../audit/audit-store.ts';
import type { NearMatchCard, UnownedCard, UnusedReviewCard } from '../care/care-records.ts';
import type { RotationCard } from '../keys/rotation.ts';
import type { OwnRequestCard, RequestCard } from '../requests/access-request.ts';

/** What a card is about. `id`: of its subject, such as a request. */
export interface CardAbout {
  card: CardKind;
  id: string;
}

/** Where a card is: in a channel, or in a direct message. An address stands for the person who has it when the card is posted. */
export type CardPlace = { channelId: string } | { slackUserId: string } | { email: string };

/** What a card of each kind shows. */
export interface DueCards {
  rotation: RotationCard;
  access_request: RequestCard | OwnRequestCard;
  near_match: NearMatchCard;
  unused_review: UnusedReviewCard;
  unowned: UnownedCard;
  audit_head: AuditHeadCard;
}

export type CardKind = keyof DueCards & string;

/** A card in the state of the moment when it was read. */
export type DueCard = DueCards[CardKind];

/** Where Slack has a card's message. */
export interface CardMessageId {
  channelId: string;
  /** Slack's ID of the message in its channel. */
  messageTs: string;
}

/** A card that was posted. */
export interface PostedCard extends CardMessageId {
  /** How many entries of its log are in its thread. */
  postedEntries: number;
}

/**
 * `not_accepted`: Slack may accept it later. `rejected`: it never will: the channel or the message is gone, or the app isn't in the
 * channel.
 */
export type CardFailure = 'not_accepted' | 'rejected';

/** Posts and changes cards in Slack. No method throws. */
export interface Cards {
  post(
    place: { channelId: string } | { slackUserId: string },
    due: DueCard,
  ): Promise<CardMessageId | CardFailure>;
  update(message: CardMessageId, due: DueCard): Promise<'updated' | CardFailure>;
  /** Posts the entries of the card's log from this one on into its thread. Returns how many are there now, and whether that is all. */
  log(
    message: CardMessageId,
    due: DueCard,
    postedEntries: number,
  ): Promise<{ postedEntries: number; isComplete: boolean }>;
}

/** The units of work of cards. */
export interface CardStore {
  postedCard(subject: string): Promise<PostedCard | undefined>;
  /** Stores where a card was posted, or how far its log is. */
  recordCard(subject: string, card: PostedCard & { nowMs: number }): Promise<void>;
}

/** Returns the subject of a card in one place, in its job and its row. */
export function cardSubject({ card, id }: CardAbout, place: CardPlace): string {
  return `${card}:${id}:${placeName(place)}`;
}

/** Returns the place in a card's subject. */
export function placeName(place: CardPlace): string {
  if ('channelId' in place) return place.channelId;
  return 'slackUserId' in place ? place.slackUserId : place.email;
}
