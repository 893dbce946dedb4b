import { link } from './text.ts';

/** Where an admin of the team does by hand what Keysmith can't: a sentence to add, empty where there is no such page. Markup. */
export function byHandWords(teamPage: string | undefined): string {
  return teamPage === undefined
    ? ''
    : ` An admin of the team can do it by hand, on the team’s page in W&B: ${link(teamPage)}`;
}
