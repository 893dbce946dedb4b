import type { Cards } from '../src/application/cards/card.ts';
import type { Installation } from '../src/application/ports/slack.ts';
import type { SlackProfile } from '../src/domain/organization/person.ts';

/** The profile of a regular member of the workspace `T1`. */
export function memberProfile(slackUserId: string, email: string | undefined): SlackProfile {
  return {
    slackUserId,
    workspaceId: 'T1',
    enterpriseId: undefined,
    email,
    isEmailConfirmed: true,
    isBot: false,
    isDeactivated: false,
    isGuest: false,
    isStranger: false,
  };
}

/** An app that stays installed. */
export const installed: Installation = {
  isUninstalled: () => false,
  isPaused: () => false,
  noteFailure: () => {},
  noteSuccess: () => {},
  check: async () => {},
};

/** A Slack in which no card can be posted. */
export const withoutCards: Cards = {
  post: async () => 'rejected',
  update: async () => 'rejected',
  log: async (_message, _due, postedEntries) => ({ postedEntries, isComplete: true }),
};
