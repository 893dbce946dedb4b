import { chatMethods } from './chat.ts';
import { conversationMethods } from './conversations.ts';
import {
  type Arguments,
  invalidArguments,
  type Method,
  type MethodContext,
  type MethodResponse,
  missingScope,
  refused,
} from './method.ts';
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

/** The supported Web API methods; all others are `unknown_method`. */
export const webApiMethods: Record<string, Method> = {
  ...authMethods,
  ...chatMethods,
  ...conversationMethods,
  ...userMethods,
  ...viewMethods,
};

interface WebApiCall {
  method: string;
  contentType: string;
  authorization: string | undefined;
  query: Record<string, string>;
  body: string;
}

/** The arguments that are JSON inside a form. */
const structured = new Set(['blocks', 'view', 'attachments', 'metadata']);

/** A call with its arguments, or with the response to arguments that can't be parsed. */
interface ReadCall {
  method: string;
  authorization: string | undefined;
  args: Arguments;
  problem?: MethodResponse;
}

export function readCall(call: WebApiCall): ReadCall {
  const { method, authorization } = call;
  const read = readArguments(call);
  if (read.ok) return { method, authorization, args: read.args };
  return { method, authorization, args: {}, problem: read.response };
}

/** Responds to a call. Like Slack, it checks the token, the scopes and the arguments, in this order. */
export function respondToCall(
  call: ReadCall,
  context: MethodContext,
): { response: MethodResponse; acceptedScopes: string[] } {
  const method = Object.hasOwn(webApiMethods, call.method) ? webApiMethods[call.method] : undefined;
  if (!method) {
    return { response: refused('unknown_method', { req_method: call.method }), acceptedScopes: [] };
  }
  const response =
    call.problem ??
    tokenProblem(method, call, context) ??
    scopeProblem(method, context) ??
    argumentProblem(method, call.args) ??
    method.run(call.args, context);
  return { response, acceptedScopes: method.scopes };
}

function readArguments({
  contentType,
  query,
  body,
}: WebApiCall): { ok: true; args: Arguments } | { ok: false; response: MethodResponse } {
  if (contentType.startsWith('application/json')) {
    const parsed = parseJson(body);
    if (!parsed.ok) return { ok: false, response: refused('invalid_json') };
    if (typeof parsed.value !== 'object' || parsed.value === null || Array.isArray(parsed.value)) {
      return { ok: false, response: refused('json_not_object') };
    }
    // Slack accepts a `token` argument only in forms; JSON calls need the Authorization header.
    return { ok: true, args: { ...query, ...parsed.value, token: undefined } };
  }
  if (body !== '' && !contentType.startsWith('application/x-www-form-urlencoded')) {
    return { ok: false, response: refused('invalid_post_type') };
  }
  const args: Arguments = { ...query, ...Object.fromEntries(new URLSearchParams(body)) };
  for (const name of structured) {
    if (typeof args[name] !== 'string') continue;
    const parsed = parseJson(args[name]);
    if (!parsed.ok) {
      const problem = `must be valid JSON [json-pointer:/${name}]`;
      const isBlocks = name === 'blocks';
      return {
        ok: false,
        response: isBlocks ? refused('invalid_blocks_format') : invalidArguments([problem]),
      };
    }
    args[name] = parsed.value;
  }
  return { ok: true, args };
}

function parseJson(text: string): { ok: true; value: unknown } | { ok: false } {
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    return { ok: false };
  }
}

function tokenProblem(
  { token: required }: Method,
  { authorization, args }: ReadCall,
  { app }: MethodContext,
): MethodResponse | undefined {
  if (required === 'none') return undefined;
  const token = /^Bearer (.+)$/i.exec(authorization ?? '')?.[1] ?? args.token;
  if (token === undefined || token === '') return refused('not_authed');
  const kind = token === app.botToken ? 'bot' : token === app.appToken ? 'app' : undefined;
  if (!kind) return refused('invalid_auth');
  if (kind === 'bot' && app.uninstalled) return refused('account_inactive');
  return kind === required ? undefined : refused('not_allowed_token_type');
}

function scopeProblem({ scopes, token }: Method, { app }: MethodContext): MethodResponse | undefined {
  if (token !== 'bot' || scopes.length === 0) return undefined;
  return scopes.some((scope) => app.scopes.includes(scope)) ? undefined : missingScope(scopes, app.scopes);
}

function argumentProblem({ required }: Method, args: Arguments): MethodResponse | undefined {
  const missing = required.filter((name) => args[name] === undefined || args[name] === '');
  if (missing.length === 0) return undefined;
  return invalidArguments(missing.map((name) => `missing required field: ${name} [json-pointer:]`));
}
