import type { HomeView } from './block-kit/home-view.ts';
import type { ShownHome } from './page-protocol.ts';
import type { PersonEvents } from './person-events.ts';
import { newViewRecord, replaceView, type ViewRecord } from './view-record.ts';

type PublishedHome = ViewRecord<HomeView>;

/** What the app has published on its Home tab, for each person another one. */
export interface HomeTabs {
  /** The first for a person makes the view; later ones replace what it shows and keep its ID. */
  publish(personId: string, view: HomeView): PublishedHome;
  of(personId: string): PublishedHome | undefined;
  findByExternalId(externalId: string): PublishedHome | undefined;
  shownTo(personId: string): ShownHome | undefined;
}

export function createHomeTabs(parts: { events: PersonEvents; now: () => number }): HomeTabs {
  const homes = new Map<string, PublishedHome>();
  return {
    publish(personId, view) {
      const known = homes.get(personId);
      if (known) replaceView(known, view, parts.now());
      const home = known ?? newViewRecord(personId, view, { nowMs: parts.now() });
      homes.set(personId, home);
      parts.events.emit([personId], { type: 'home', home: shown(home) });
      return home;
    },
    of: (personId) => homes.get(personId),
    findByExternalId: (externalId) => homes.values().find(({ view }) => view.external_id === externalId),
    shownTo(personId) {
      const home = homes.get(personId);
      return home && shown(home);
    },
  };
}

function shown({ id, hash, view }: PublishedHome): ShownHome {
  return structuredClone({ id, hash, blocks: view.blocks });
}
