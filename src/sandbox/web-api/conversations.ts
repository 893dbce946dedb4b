import type { ConversationRecord } from '../workspace.ts';
import { type Method, type MethodContext, missingScope, refused, text } from './method.ts';

const readScope = {
  public: 'channels:read',
  private: 'groups:read',
  app_dm: 'im:read',
  person_dm: 'im:read',
};

export const conversationMethods: Record<string, Method> = {
  'conversations.open': {
    token: 'bot',
    scopes: ['channels:manage', 'groups:write', 'im:write', 'mpim:write'],
    required: [],
    run(args, { workspace }) {
      const { channel, users } = { channel: text(args, 'channel'), users: text(args, 'users') };
      if (channel !== undefined) {
        const conversation = workspace.conversation(channel);
        if (conversation?.kind !== 'app_dm') return refused('channel_not_found');
        return opened(conversation, true);
      }
      const ids = users?.split(',').map((id) => id.trim()) ?? [];
      if (ids.length === 0) return refused('users_list_not_supplied');
      if (ids.length > 1) return refused('method_not_supported_for_channel_type');
      const person = workspace.people.find(({ id }) => id === ids[0]);
      if (!person) return refused('user_not_found');
      if (person.deactivated) return refused('user_disabled');
      const conversation = workspace.directMessageWithApp(person.id);
      if (!conversation) return refused('cannot_dm_bot');
      return opened(conversation, args.return_im === true || args.return_im === 'true');
    },
  },
  'conversations.info': {
    token: 'bot',
    scopes: [],
    required: ['channel'],
    run(args, context) {
      const conversation = visibleToApp(context, text(args, 'channel') ?? '');
      if (!conversation) return refused('channel_not_found');
      const needed = readScope[conversation.kind];
      if (!context.app.scopes.includes(needed)) return missingScope([needed], context.app.scopes);
      return { ok: true, channel: conversationObject(conversation) };
    },
  },
};

/** A private channel or a direct message without the app does not exist to it. */
export function visibleToApp({ workspace }: MethodContext, id: string): ConversationRecord | undefined {
  const conversation = workspace.conversation(id);
  return conversation?.kind === 'public' || conversation?.hasApp ? conversation : undefined;
}

function opened(conversation: ConversationRecord, whole: boolean) {
  const channel = whole ? conversationObject(conversation) : { id: conversation.id };
  return { ok: true as const, channel };
}

function conversationObject({ id, kind, name, members, hasApp, archived }: ConversationRecord) {
  if (kind === 'app_dm') return { id, is_im: true, user: members[0], is_archived: archived };
  return {
    id,
    name,
    is_channel: kind === 'public',
    is_group: kind === 'private',
    is_im: false,
    is_private: kind === 'private',
    is_member: hasApp,
    is_archived: archived,
  };
}
