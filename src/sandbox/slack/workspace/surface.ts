import type { ActionRequest, Block } from '../protocol/page-protocol.ts';
import type { StoredMessage } from './conversation-log.ts';
import type { FormInput } from './form-input.ts';
import type { SlackState } from './slack-state.ts';
import type { ViewRecord } from './views.ts';
import type { ConversationRecord } from './workspace.ts';

/** Where elements stand that one person can use, and what that person has entered there. */
export type Surface = { blocks: Block[]; formInput: FormInput } & (
  | { kind: 'view'; view: ViewRecord }
  | { kind: 'message'; message: StoredMessage; conversation: ConversationRecord }
);

/** Only what the person can reach: the topmost view of the dialog, the Home tab, a message of an own conversation. */
export function findSurface(
  state: SlackState,
  personId: string,
  container: ActionRequest['container'],
): Surface | undefined {
  if ('view' in container) {
    const reachable = [state.views.stackOf(personId).at(-1), state.homes.of(personId)];
    const view = reachable.find((record) => record?.id === container.view);
    return view && { kind: 'view', view, blocks: view.view.blocks, formInput: view };
  }
  const conversation = state.workspace.conversation(container.conversation);
  if (!conversation?.members.includes(personId)) return undefined;
  const message = state.log.find(conversation.id, container.ts, personId);
  if (!message) return undefined;
  const entered = state.messageInputs.of(message, personId);
  return { kind: 'message', message, conversation, blocks: message.blocks, formInput: entered };
}
