import type { HomeView, ModalView } from '../block-kit/view.ts';
import type { PageHomeTab, PageModal } from '../protocol/page-protocol.ts';
import { newSlackId, randomCharacters } from '../protocol/slack-ids.ts';
import type { PersonEvents } from './conversation-log.ts';
import { type FormInput, initialFormInput } from './form-input.ts';
import { stateAfterUpdate } from './view-state.ts';
import type { Workspace } from './workspace.ts';

/** A modal or Home tab as one person has it before the eyes. */
export interface ViewRecord<View extends ModalView | HomeView = ModalView | HomeView> extends FormInput {
  id: string;
  personId: string;
  rootId: string;
  previousId: string | null;
  /** Another one after every change. */
  hash: string;
  view: View;
}

function newViewRecord<View extends ModalView | HomeView>(
  personId: string,
  view: View,
  given: { nowMs: number; previous?: ViewRecord | undefined },
): ViewRecord<View> {
  const id = newSlackId('V');
  return {
    id,
    personId,
    rootId: given.previous?.rootId ?? id,
    previousId: given.previous?.id ?? null,
    hash: newHash(given.nowMs),
    view,
    ...initialFormInput(view.blocks),
  };
}

function replaceView<View extends ModalView | HomeView>(
  record: ViewRecord<View>,
  view: View,
  nowMs: number,
): void {
  record.state = stateAfterUpdate(record.state, view.blocks);
  record.view = view;
  record.hash = newHash(nowMs);
}

function newHash(nowMs: number): string {
  return `${Math.trunc(nowMs / 1000)}.${randomCharacters(8)}`;
}

/** The view object of Web API answers, events and interaction payloads. */
export function viewPayload({ team, app }: Workspace, record: ViewRecord): Record<string, unknown> {
  return structuredClone({
    id: record.id,
    team_id: team.id,
    ...record.view,
    state: { values: record.state },
    hash: record.hash,
    previous_view_id: record.previousId,
    root_view_id: record.rootId,
    app_id: app.id,
    app_installed_team_id: team.id,
    bot_id: app.botId,
  });
}

export type OpenView = ViewRecord<ModalView>;

const deepest = 3;

/** The dialogs open before each person: a stack of at most three views. */
export interface OpenViews {
  /** A new root view; what was open before is gone. */
  open(personId: string, view: ModalView): OpenView;
  /** Undefined when the stack is full. */
  push(personId: string, view: ModalView): OpenView | undefined;
  update(open: OpenView, view: ModalView): void;
  /** Removes the view and what lies on it. */
  close(open: OpenView): void;
  clear(personId: string): void;
  find(id: string): OpenView | undefined;
  findByExternalId(externalId: string): OpenView | undefined;
  stackOf(personId: string): OpenView[];
  visibleTo(personId: string): PageModal[];
}

export function createOpenViews(parts: { events: PersonEvents; now: () => number }): OpenViews {
  const stacks = new Map<string, OpenView[]>();
  const stackOf = (personId: string) => stacks.get(personId) ?? [];
  const all = () => [...stacks.values()].flat();
  const shownTo = (personId: string) => stackOf(personId).map(shown);
  const setStack = (personId: string, stack: OpenView[]) => {
    stacks.set(personId, stack);
    parts.events.emit([personId], { type: 'views', views: shownTo(personId) });
  };
  return {
    open(personId, view) {
      const opened = newViewRecord(personId, view, { nowMs: parts.now() });
      setStack(personId, [opened]);
      return opened;
    },
    push(personId, view) {
      const stack = stackOf(personId);
      if (stack.length >= deepest) return undefined;
      const pushed = newViewRecord(personId, view, { nowMs: parts.now(), previous: stack.at(-1) });
      setStack(personId, [...stack, pushed]);
      return pushed;
    },
    update(open, view) {
      replaceView(open, view, parts.now());
      setStack(open.personId, stackOf(open.personId));
    },
    close(open) {
      const stack = stackOf(open.personId);
      const index = stack.indexOf(open);
      if (index >= 0) setStack(open.personId, stack.slice(0, index));
    },
    clear: (personId) => setStack(personId, []),
    find: (id) => all().find((open) => open.id === id),
    findByExternalId: (externalId) => all().find(({ view }) => view.external_id === externalId),
    stackOf,
    visibleTo: shownTo,
  };
}

function shown({ id, hash, view }: OpenView): PageModal {
  return structuredClone({
    id,
    hash,
    title: view.title.text,
    ...(view.submit && { submit: view.submit.text }),
    close: view.close?.text ?? 'Cancel',
    blocks: view.blocks,
  });
}

type PublishedHome = ViewRecord<HomeView>;

/** What the app has published on its Home tab, for each person another one. */
export interface HomeTabs {
  /** The first for a person makes the view; later ones replace what it shows and keep its ID. */
  publish(personId: string, view: HomeView): PublishedHome;
  of(personId: string): PublishedHome | undefined;
  findByExternalId(externalId: string): PublishedHome | undefined;
  visibleTo(personId: string): PageHomeTab | undefined;
}

export function createHomeTabs(parts: { events: PersonEvents; now: () => number }): HomeTabs {
  const homes = new Map<string, PublishedHome>();
  return {
    publish(personId, view) {
      const known = homes.get(personId);
      if (known) replaceView(known, view, parts.now());
      const home = known ?? newViewRecord(personId, view, { nowMs: parts.now() });
      homes.set(personId, home);
      parts.events.emit([personId], { type: 'home', home: shownHome(home) });
      return home;
    },
    of: (personId) => homes.get(personId),
    findByExternalId: (externalId) => homes.values().find(({ view }) => view.external_id === externalId),
    visibleTo(personId) {
      const home = homes.get(personId);
      return home && shownHome(home);
    },
  };
}

function shownHome({ id, hash, view }: PublishedHome): PageHomeTab {
  return structuredClone({ id, hash, blocks: view.blocks });
}
