import type { ConversationRecord } from '../workspace/workspace.ts';
import {
  type Arguments,
  type Method,
  type MethodContext,
  type MethodResponse,
  missingScope,
  refused,
  text,
} from './method.ts';

type Page<T> = { ok: true; items: T[]; nextCursor: string } | { ok: false; response: MethodResponse };

/**
 * Returns a page of a list: `limit` items from `cursor` on. The cursor of the last page is empty.
 * @see https://docs.slack.dev/apis/web-api/pagination
 */
export function paginate<T>(
  items: T[],
  args: Arguments,
  { limit: defaultLimit }: { limit: number },
): Page<T> {
  const limit = Number(text(args, 'limit') ?? defaultLimit);
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > 1000) {
    return { ok: false, response: refused('invalid_limit') };
  }
  const cursor = text(args, 'cursor') ?? '';
  const start = cursor === '' ? 0 : readCursor(cursor);
  if (start === undefined || start > items.length) return { ok: false, response: refused('invalid_cursor') };
  const end = start + limit;
  return {
    ok: true,
    items: items.slice(start, end),
    nextCursor: end < items.length ? Buffer.from(`next:${end}`).toString('base64') : '',
  };
}

function readCursor(cursor: string): number | undefined {
  const start = /^next:(\d+)$/.exec(Buffer.from(cursor, 'base64').toString())?.[1];
  return start === undefined ? undefined : Number(start);
}

const scopeOfKind = {
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
        return openedResponse(conversation, true);
      }
      const ids = users?.split(',').map((id) => id.trim()) ?? [];
      if (ids.length === 0) return refused('users_list_not_supplied');
      if (ids.length > 1) return refused('method_not_supported_for_channel_type');
      const person = workspace.people.find(({ id }) => id === ids[0]);
      if (!person) return refused('user_not_found');
      if (person.deactivated) return refused('user_disabled');
      const conversation = workspace.directMessageWithApp(person.id);
      if (!conversation) return refused('cannot_dm_bot');
      return openedResponse(conversation, args.return_im === true || args.return_im === 'true');
    },
  },
  'conversations.info': {
    token: 'bot',
    scopes: [],
    required: ['channel'],
    run(args, context) {
      const found = readable(context, args);
      return found.ok ? { ok: true, channel: conversationObject(found.conversation) } : found.response;
    },
  },
  'conversations.list': { token: 'bot', scopes: [], required: [], run: list },
  'conversations.members': {
    token: 'bot',
    scopes: [],
    required: ['channel'],
    run(args, context) {
      const found = readable(context, args);
      if (!found.ok) return found.response;
      const { members, hasApp } = found.conversation;
      const all = hasApp ? [...members, context.workspace.app.botUserId] : members;
      const page = paginate(all, args, { limit: 100 });
      if (!page.ok) return page.response;
      return { ok: true, members: page.items, response_metadata: { next_cursor: page.nextCursor } };
    },
  },
};

const kindOfType = {
  public_channel: 'public',
  private_channel: 'private',
  im: 'app_dm',
  mpim: undefined,
} as const;
const scopeOfType = {
  public_channel: 'channels:read',
  private_channel: 'groups:read',
  im: 'im:read',
  mpim: 'mpim:read',
};

type ConversationType = keyof typeof kindOfType;

function list(args: Arguments, context: MethodContext): MethodResponse {
  const types = (text(args, 'types') ?? 'public_channel').split(',').map((type) => type.trim());
  const known = types.filter((type): type is ConversationType => Object.hasOwn(kindOfType, type));
  if (known.length < types.length) return refused('invalid_types');
  const { scopes } = context.app;
  const missing = known.map((type) => scopeOfType[type]).filter((scope) => !scopes.includes(scope));
  if (missing.length > 0) return missingScope(missing, scopes);
  const withoutArchived = args.exclude_archived === true || args.exclude_archived === 'true';
  const kinds = new Set<string | undefined>(known.map((type) => kindOfType[type]));
  const all = context.workspace.conversations.filter(
    ({ id, kind, archived }) =>
      kinds.has(kind) && visibleToApp(context, id) && !(withoutArchived && archived),
  );
  const page = paginate(all, args, { limit: 100 });
  if (!page.ok) return page.response;
  return {
    ok: true,
    channels: page.items.map(conversationObject),
    response_metadata: { next_cursor: page.nextCursor },
  };
}

type Readable = { ok: true; conversation: ConversationRecord } | { ok: false; response: MethodResponse };

/** Finds the conversation of a call, if the app can see it and the token has the scope for its kind. */
function readable(context: MethodContext, args: Arguments): Readable {
  const conversation = visibleToApp(context, text(args, 'channel') ?? '');
  if (!conversation) return { ok: false, response: refused('channel_not_found') };
  const needed = scopeOfKind[conversation.kind];
  const { scopes } = context.app;
  return scopes.includes(needed)
    ? { ok: true, conversation }
    : { ok: false, response: missingScope([needed], scopes) };
}

/** Finds a conversation. To the app, private channels and direct messages without it don't exist. */
export function visibleToApp({ workspace }: MethodContext, id: string): ConversationRecord | undefined {
  const conversation = workspace.conversation(id);
  return conversation?.kind === 'public' || conversation?.hasApp ? conversation : undefined;
}

function openedResponse(conversation: ConversationRecord, whole: boolean) {
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
