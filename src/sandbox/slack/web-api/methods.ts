import { chatMethods } from './chat.ts';
import { conversationMethods } from './conversations.ts';
import type { Method } from './method.ts';
import { userMethods } from './users.ts';
import { viewMethods } from './views.ts';

const authMethods: Record<string, Method> = {
  'api.test': {
    token: 'none',
    scopes: [],
    required: [],
    run: (args) =>
      typeof args.error === 'string' ? { ok: false, error: args.error, args } : { ok: true, args },
  },
  'auth.test': {
    token: 'bot',
    scopes: [],
    required: [],
    run: (_args, { workspace: { team, app: ids }, app, origin }) => ({
      ok: true,
      url: `${origin()}/`,
      team: team.name,
      user: app.name.toLowerCase(),
      team_id: team.id,
      user_id: ids.botUserId,
      bot_id: ids.botId,
      is_enterprise_install: false,
      ...(team.enterprise && { enterprise_id: team.enterprise.id }),
    }),
  },
  'apps.connections.open': {
    token: 'app',
    scopes: [],
    required: [],
    run: (_args, { socketMode }) => ({ ok: true, url: socketMode.newUrl() }),
  },
};

/** Every Web API method that the sandbox answers; others are `unknown_method`. */
export const webApiMethods: Record<string, Method> = {
  ...authMethods,
  ...chatMethods,
  ...conversationMethods,
  ...userMethods,
  ...viewMethods,
};
