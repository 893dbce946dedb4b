import type { PersonSeed } from '../workspace/workspace-seed.ts';
import { paginate } from './conversations.ts';
import { type Method, type MethodContext, refused, text } from './method.ts';

export const userMethods: Record<string, Method> = {
  'users.info': {
    token: 'bot',
    scopes: ['users:read'],
    required: ['user'],
    run(args, context) {
      const id = text(args, 'user') ?? '';
      if (id === context.workspace.app.botUserId) return { ok: true, user: botUser(context) };
      const person = context.workspace.people.find((one) => one.id === id);
      return person ? { ok: true, user: userObject(person, context) } : refused('user_not_found');
    },
  },
  'users.list': {
    token: 'bot',
    scopes: ['users:read'],
    required: [],
    run(args, context) {
      const { people } = context.workspace;
      const all = [...people.map((person) => userObject(person, context)), botUser(context)];
      const page = paginate(all, args, { limit: 1000 });
      if (!page.ok) return page.response;
      return {
        ok: true,
        members: page.items,
        cache_ts: Math.trunc(context.now() / 1000),
        response_metadata: { next_cursor: page.nextCursor },
      };
    },
  },
  'users.lookupByEmail': {
    token: 'bot',
    scopes: ['users:read.email'],
    required: ['email'],
    run(args, context) {
      const email = (text(args, 'email') ?? '').trim().toLowerCase();
      const person = context.workspace.people.find((one) => one.email?.toLowerCase() === email);
      if (!person || person.deactivated || person.bot) return refused('users_not_found');
      return { ok: true, user: userObject(person, context) };
    },
  },
  'bots.info': {
    token: 'bot',
    scopes: ['users:read'],
    required: [],
    run(args, { workspace: { app: ids }, app }) {
      if (args.bot !== undefined && args.bot !== ids.botId) return refused('bot_not_found');
      const { botId: id, id: app_id, botUserId: user_id } = ids;
      return {
        ok: true,
        bot: {
          id,
          deleted: false,
          name: app.name,
          updated: 0,
          app_id,
          user_id,
          icons: {},
        },
      };
    },
  },
};

/** @see https://docs.slack.dev/reference/objects/user-object */
function userObject(
  person: PersonSeed,
  { workspace: { team }, app }: MethodContext,
): Record<string, unknown> {
  const { id, name, realName, deactivated = false, guest, workspaceRole = 'member' } = person;
  const canSeeEmail = app.scopes.includes('users:read.email');
  const confirmed = person.emailConfirmed ?? true;
  return {
    id,
    team_id: person.teamId ?? team.id,
    name,
    deleted: deactivated,
    real_name: realName,
    tz: 'Europe/London',
    profile: {
      real_name: realName,
      display_name: name,
      team: person.teamId ?? team.id,
      ...(canSeeEmail && person.email !== undefined && { email: person.email }),
    },
    is_bot: person.bot ?? false,
    is_app_user: false,
    ...(!deactivated && {
      is_admin: workspaceRole !== 'member',
      is_owner: workspaceRole === 'owner',
      is_primary_owner: false,
      is_restricted: guest !== undefined,
      is_ultra_restricted: guest === 'single_channel',
    }),
    ...(confirmed !== 'omitted' && { is_email_confirmed: confirmed }),
    ...(person.stranger && { is_stranger: true }),
    ...(person.enterpriseId && {
      enterprise_user: { id, enterprise_id: person.enterpriseId, teams: [person.teamId ?? team.id] },
    }),
    updated: 0,
  };
}

function botUser({ workspace: { team, app: ids }, app }: MethodContext): Record<string, unknown> {
  const name = app.name.toLowerCase();
  return {
    id: ids.botUserId,
    team_id: team.id,
    name,
    deleted: false,
    real_name: app.name,
    profile: { real_name: app.name, display_name: '', api_app_id: ids.id, bot_id: ids.botId, team: team.id },
    is_bot: true,
    is_app_user: false,
    is_admin: false,
    is_owner: false,
    is_restricted: false,
    is_ultra_restricted: false,
    is_email_confirmed: false,
    updated: 0,
  };
}
