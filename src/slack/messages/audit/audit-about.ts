import type { AuditActor } from '../../../domain/audit/audit-event.ts';

/** How the parts of a sentence are written: as Slack's markup, or as plain text. */
export interface AuditWords {
  name(text: string): string;
  /** A Slack user. */
  person(slackUserId: string): string;
  actor(actor: AuditActor): string;
  day(atMs: number): string;
  /** Replaces the account's name and team, in a list about that account alone. */
  account?: string;
}

/** What the sentence of one event is built from. Everything that people or servers chose is bounded. */
export interface AuditAbout {
  /** The account's name and team, or its ID. */
  account: string;
  /** ` of ` and the account, after a key; empty in a list about that account alone. */
  ofAccount: string;
  team: string;
  /** `key` and the key's name and ID, or `a key`. */
  key: string;
  /** The part of the subject after its kind. */
  subject: string;
  /** Returns a detail as a name, or the other text if the event doesn't have it. */
  name(detail: string, otherwise?: string): string;
  /** Returns a detail as plain text of a program, or the other text if the event doesn't have it. */
  word(detail: string, otherwise?: string): string;
  /** Returns all words in a list, to compare with those of a program. Never shown. */
  words(detail: string): readonly string[];
  /** Returns the number in a detail. */
  number(detail: string): number | undefined;
  /** Returns the first names in a list, and how many more there are. */
  names(detail: string): string;
  /** Returns the Slack user in a detail. */
  person(detail: string): string;
  day(atMs: number): string;
}

/** Returns what the actor did, to follow the actor's name, without a full stop. */
export type AuditSentence = (about: AuditAbout) => string;
