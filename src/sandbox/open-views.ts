import type { ModalView } from './block-kit/view.ts';
import type { ShownView } from './page-protocol.ts';
import type { PersonEvents } from './person-events.ts';
import { newViewRecord, replaceView, type ViewRecord } from './view-record.ts';

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
  shownTo(personId: string): ShownView[];
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
    shownTo,
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
