import type { PersonParts, PersonSurfaces } from './person-surfaces.ts';
import type { SlackPerson } from './slack-person.ts';

export type PersonHome = Pick<
  SlackPerson,
  'home' | 'openHome' | 'clickInHome' | 'fillInHome' | 'homeValues' | 'optionsInHome'
>;

/** What a person does on the app's Home tab. */
export function createPersonHome(
  { state, people, as, name }: PersonParts,
  surfaces: PersonSurfaces,
): PersonHome {
  const published = () => {
    const home = state.homes.of(as);
    if (!home) throw new Error(`The app has published no Home tab for ${name}`);
    return home;
  };
  const container = () => ({ view: published().id });
  return {
    home: () => state.homes.shownTo(as),
    openHome: async (tab = 'home') => people.openHome({ as, tab }),
    clickInHome: async (wanted, how) => surfaces.click(container(), published().view.blocks, wanted, how),
    fillInHome: async (blockId, value, how) => surfaces.fill(container(), blockId, value, how),
    homeValues: () => surfaces.values(container()),
    optionsInHome: async (blockId, query) => surfaces.options(container(), blockId, query),
  };
}
