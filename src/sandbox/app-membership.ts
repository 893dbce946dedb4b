import type { SlackState } from './slack-state.ts';

/** Adds the app to a conversation, or removes it. Open pages of the members read the workspace again. */
export function setAppMembership(
  { workspace, events }: SlackState,
  conversationId: string,
  isMember: boolean,
): void {
  const conversation = workspace.conversation(conversationId);
  if (!conversation) throw new Error(`There is no conversation ${conversationId}`);
  if (conversation.hasApp === isMember) return;
  conversation.hasApp = isMember;
  events.emit(conversation.members, { type: 'workspace' });
}
