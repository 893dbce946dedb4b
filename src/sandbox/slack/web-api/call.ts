import {
  type Arguments,
  invalidArguments,
  type Method,
  type MethodAnswer,
  type MethodContext,
  missingScope,
  refused,
} from './method.ts';
import { webApiMethods } from './methods.ts';

export interface WebApiCall {
  method: string;
  contentType: string;
  authorization: string | undefined;
  query: Record<string, string>;
  body: string;
}

/** Arguments that a form carries as JSON. */
const structured = new Set(['blocks', 'view', 'attachments', 'metadata']);

/** A call whose arguments have been read, or found unreadable. */
export interface ReadCall {
  method: string;
  authorization: string | undefined;
  args: Arguments;
  problem?: MethodAnswer;
}

export function readCall(call: WebApiCall): ReadCall {
  const { method, authorization } = call;
  const read = readArguments(call);
  if (read.ok) return { method, authorization, args: read.args };
  return { method, authorization, args: {}, problem: read.answer };
}

/** Answers one call as Slack would: token, scopes and arguments are checked in this order. */
export function answerCall(
  call: ReadCall,
  context: MethodContext,
): { answer: MethodAnswer; accepted: string[] } {
  const method = Object.hasOwn(webApiMethods, call.method) ? webApiMethods[call.method] : undefined;
  if (!method)
    return {
      answer: refused('unknown_method', { req_method: call.method }),
      accepted: [],
    };
  const answer =
    call.problem ??
    tokenProblem(method, call, context) ??
    scopeProblem(method, context) ??
    argumentProblem(method, call.args) ??
    method.run(call.args, context);
  return { answer, accepted: method.scopes };
}

function readArguments({
  contentType,
  query,
  body,
}: WebApiCall): { ok: true; args: Arguments } | { ok: false; answer: MethodAnswer } {
  if (contentType.startsWith('application/json')) {
    const parsed = parseJson(body);
    if (!parsed.ok) return { ok: false, answer: refused('invalid_json') };
    if (typeof parsed.value !== 'object' || parsed.value === null || Array.isArray(parsed.value)) {
      return { ok: false, answer: refused('json_not_object') };
    }
    // A token counts in a form only; with JSON it has to stand in the header.
    return { ok: true, args: { ...query, ...parsed.value, token: undefined } };
  }
  if (body !== '' && !contentType.startsWith('application/x-www-form-urlencoded')) {
    return { ok: false, answer: refused('invalid_post_type') };
  }
  const args: Arguments = { ...query, ...Object.fromEntries(new URLSearchParams(body)) };
  for (const name of structured) {
    if (typeof args[name] !== 'string') continue;
    const parsed = parseJson(args[name]);
    if (parsed.ok) args[name] = parsed.value;
    else if (name === 'blocks') return { ok: false, answer: refused('invalid_blocks_format') };
    else
      return {
        ok: false,
        answer: invalidArguments([`must be valid JSON [json-pointer:/${name}]`]),
      };
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
  { token: wanted }: Method,
  { authorization, args }: ReadCall,
  { app }: MethodContext,
): MethodAnswer | undefined {
  if (wanted === 'none') return undefined;
  const token = /^Bearer (.+)$/i.exec(authorization ?? '')?.[1] ?? args.token;
  if (token === undefined || token === '') return refused('not_authed');
  const kind = token === app.botToken ? 'bot' : token === app.appToken ? 'app' : undefined;
  if (!kind) return refused('invalid_auth');
  return kind === wanted ? undefined : refused('not_allowed_token_type');
}

function scopeProblem({ scopes, token }: Method, { app }: MethodContext): MethodAnswer | undefined {
  if (token !== 'bot' || scopes.length === 0) return undefined;
  return scopes.some((scope) => app.scopes.includes(scope)) ? undefined : missingScope(scopes, app.scopes);
}

function argumentProblem({ required }: Method, args: Arguments): MethodAnswer | undefined {
  const missing = required.filter((name) => args[name] === undefined || args[name] === '');
  if (missing.length === 0) return undefined;
  return invalidArguments(missing.map((name) => `missing required field: ${name} [json-pointer:]`));
}
