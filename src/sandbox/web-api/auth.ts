import type { Method } from './method.ts';

export const authMethods: Record<string, Method> = {
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
