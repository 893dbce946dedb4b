import type { HomeView, ModalView } from '../block-kit/view.ts';
import type { PageHomeTab, PageModal } from '../protocol/page-protocol.ts';
import { newSlackId, randomCharacters } from '../protocol/slack-ids.ts';
import type { PersonEvents } from './conversation-log.ts';
import { type FormInput, initialFormInput, stateAfterUpdate } from './form-state.ts';
import type { Workspace } from './workspace.ts';

/** A modal or Home tab that is open for one person, with what they have entered in it. */
export interface ViewRecord<View extends ModalView | HomeView = ModalView | HomeView> extends FormInput {
  id: string;
  personId: string;
  rootId: string;
  previousId: string | null;
  /** Changes with every update. */
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

/** Returns the view object of Web API responses, events and interaction payloads. */
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

const maximumDepth = 3;

/** The open modals: for each person a stack of at most three. */
export interface OpenViews {
  /** Opens a root view, in place of everything that was open. */
  open(personId: string, view: ModalView): OpenView;
  /** Returns undefined when the stack is full. */
  push(personId: string, view: ModalView): OpenView | undefined;
  update(open: OpenView, view: ModalView): void;
  /** Removes the view and those above it. */
  close(open: OpenView): void;
  clear(personId: string): void;
  find(id: string): OpenView | undefined;
  findByExternalId(externalId: string): OpenView | undefined;
  /** The topmost is the last. */
  stackOf(personId: string): OpenView[];
  visibleTo(personId: string): PageModal[];
}

export function createOpenViews(parts: { events: PersonEvents; now: () => number }): OpenViews {
  const stacks = new Map<string, OpenView[]>();
  const stackOf = (personId: string) => stacks.get(personId) ?? [];
  const all = () => [...stacks.values()].flat();
  const visibleTo = (personId: string) => stackOf(personId).map(pageModal);
  const setStack = (personId: string, stack: OpenView[]) => {
    stacks.set(personId, stack);
    parts.events.emit([personId], { type: 'views', views: visibleTo(personId) });
  };
  return {
    open(personId, view) {
      const opened = newViewRecord(personId, view, { nowMs: parts.now() });
      setStack(personId, [opened]);
      return opened;
    },
    push(personId, view) {
      const stack = stackOf(personId);
      if (stack.length >= maximumDepth) return undefined;
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
    visibleTo,
  };
}

function pageModal({ id, hash, view }: OpenView): PageModal {
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

/** The app's Home tab, which it publishes for each person separately. */
export interface HomeTabs {
  /** Creates the view the first time; later calls replace its content and keep its ID. */
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
      parts.events.emit([personId], { type: 'home', home: pageHomeTab(home) });
      return home;
    },
    of: (personId) => homes.get(personId),
    findByExternalId: (externalId) => homes.values().find(({ view }) => view.external_id === externalId),
    visibleTo(personId) {
      const home = homes.get(personId);
      return home && pageHomeTab(home);
    },
  };
}

function pageHomeTab({ id, hash, view }: PublishedHome): PageHomeTab {
  return structuredClone({ id, hash, blocks: view.blocks });
}
