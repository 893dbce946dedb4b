import type { Conversation, Person, Workspace } from '../../slack/protocol/page-protocol.ts';

/** With whom a direct message is: Slack's clients show their full name for the conversation's. */
export function otherPerson(workspace: Workspace, { kind, name }: Conversation): Person | undefined {
  return kind === 'person_dm' ? workspace.people.find((person) => person.name === name) : undefined;
}

export function titleOf(workspace: Workspace, conversation: Conversation): string {
  return otherPerson(workspace, conversation)?.realName ?? conversation.name;
}
