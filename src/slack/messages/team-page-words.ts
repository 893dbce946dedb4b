import { link } from './text.ts';

/** Where an admin of the team does by hand what Keysmith can't: a sentence to add, empty where there is no such page. Markup. */
export function byHandWords(teamPage: string | undefined): string {
  return teamPage === undefined
    ? ''
    : ` An admin of the team can do it by hand, on the team’s page in W&B: ${link(teamPage)}`;
}

/** The page alone, for looking: a sentence to add, empty where there is none. Markup. */
export function teamPageWords(teamPage: string | undefined): string {
  return teamPage === undefined ? '' : ` The team’s page in W&B: ${link(teamPage)}`;
}
