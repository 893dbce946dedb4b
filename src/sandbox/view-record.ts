import type { HomeView } from './block-kit/home-view.ts';
import type { ModalView } from './block-kit/view.ts';
import { type Entered, nothingEntered } from './entered.ts';
import { newSlackId, randomCharacters } from './slack-ids.ts';
import { stateAfterUpdate } from './view-state.ts';
import type { Workspace } from './workspace.ts';

/** A modal or Home tab as one person has it before the eyes. */
export interface ViewRecord<View extends ModalView | HomeView = ModalView | HomeView> extends Entered {
  id: string;
  personId: string;
  rootId: string;
  previousId: string | null;
  /** Another one after every change. */
  hash: string;
  view: View;
}

export function newViewRecord<View extends ModalView | HomeView>(
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
    ...nothingEntered(view.blocks),
  };
}

export function replaceView<View extends ModalView | HomeView>(
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
