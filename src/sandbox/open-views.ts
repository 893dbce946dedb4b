import type { ModalView } from './block-kit/view.ts';
import type { ShownView, State } from './page-protocol.ts';
import type { PersonEvents } from './person-events.ts';
import { newSlackId, randomCharacters } from './slack-ids.ts';
import { initialState, type Option, stateAfterUpdate } from './view-state.ts';
import type { Workspace } from './workspace.ts';

export interface OpenView {
  id: string;
  personId: string;
  rootId: string;
  previousId: string | null;
  hash: string;
  view: ModalView;
  /** What the fields hold on the person's screen. */
  state: State;
  /** Options that the app answered for `block_id/action_id` of external selects. */
  answeredOptions: Map<string, Option[]>;
}

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
  shownTo(personId: string): ShownView[];
  /** The view object of Web API answers and interaction payloads. */
  payload(open: OpenView): Record<string, unknown>;
}

export function createOpenViews(parts: {
  workspace: Workspace;
  events: PersonEvents;
  now: () => number;
}): OpenViews {
  const stacks = new Map<string, OpenView[]>();
  const stackOf = (personId: string) => stacks.get(personId) ?? [];
  const all = () => [...stacks.values()].flat();
  const newHash = () => `${Math.trunc(parts.now() / 1000)}.${randomCharacters(8)}`;
  const shownTo = (personId: string) => stackOf(personId).map(shown);
  const setStack = (personId: string, stack: OpenView[]) => {
    stacks.set(personId, stack);
    parts.events.emit([personId], { type: 'views', views: shownTo(personId) });
  };
  return {
    open(personId, view) {
      const opened = newView(personId, view, newHash());
      setStack(personId, [opened]);
      return opened;
    },
    push(personId, view) {
      const stack = stackOf(personId);
      if (stack.length >= deepest) return undefined;
      const pushed = newView(personId, view, newHash(), stack.at(-1));
      setStack(personId, [...stack, pushed]);
      return pushed;
    },
    update(open, view) {
      open.state = stateAfterUpdate(open.state, view.blocks);
      open.view = view;
      open.hash = newHash();
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
    shownTo,
    payload: (open) => viewPayload(parts.workspace, open),
  };
}

function newView(personId: string, view: ModalView, hash: string, previous?: OpenView): OpenView {
  const id = newSlackId('V');
  return {
    id,
    personId,
    rootId: previous?.rootId ?? id,
    previousId: previous?.id ?? null,
    hash,
    view,
    state: initialState(view.blocks),
    answeredOptions: new Map(),
  };
}

function shown({ id, hash, view }: OpenView): ShownView {
  return structuredClone({
    id,
    hash,
    title: view.title.text,
    ...(view.submit && { submit: view.submit.text }),
    close: view.close?.text ?? 'Cancel',
    blocks: view.blocks,
  });
}

function viewPayload({ team, app }: Workspace, open: OpenView): Record<string, unknown> {
  return structuredClone({
    id: open.id,
    team_id: team.id,
    ...open.view,
    state: { values: open.state },
    hash: open.hash,
    previous_view_id: open.previousId,
    root_view_id: open.rootId,
    app_id: app.id,
    app_installed_team_id: team.id,
    bot_id: app.botId,
  });
}
