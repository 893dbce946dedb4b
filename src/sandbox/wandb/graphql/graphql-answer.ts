import { STATUS_CODES } from 'node:http';
import { type HttpAnswer, jsonAnswer } from '../../slack/web-api/slack-routes.ts';
import { WandbError } from '../wandb-error.ts';
import type { WandbFailure } from '../wandb-failures.ts';
import { nulls, refusedCall } from './answer-call.ts';
import type { GraphqlCall } from './graphql-call.ts';

/** What goes over the wire: an answer, or what is done to the connection instead. */
export type WireAnswer =
  | { kind: 'answer'; answer: HttpAnswer }
  | { kind: 'truncated'; answer: HttpAnswer }
  | { kind: 'drip'; answer: HttpAnswer; everyMs: number }
  | { kind: 'endless' }
  | { kind: 'silence' }
  | { kind: 'reset' };

/** Lets a call fail as planned, before or after its effect. */
export function failedAnswer(failure: WandbFailure, call: GraphqlCall, effect: () => HttpAnswer): WireAnswer {
  if (failure.kind === 'drip') return { kind: 'drip', answer: effect(), everyMs: failure.everyMs };
  if (failure.kind === 'truncated') return { kind: 'truncated', answer: effect() };
  const lost = failure.afterEffect ? effect() : undefined;
  switch (failure.kind) {
    case 'timeout':
      return { kind: 'silence' };
    case 'reset':
    case 'endless':
      return { kind: failure.kind };
    case 'status':
      return answered(statusAnswer(failure, call));
    case 'errors':
      return answered(errorsAnswer(failure.message, call, lost));
    case 'null':
      return answered(jsonAnswer({ data: nullData(call) }));
    case 'login_page':
      return answered(htmlAnswer(200, 'Log in to continue'));
    case 'not_json':
      return answered({ ...jsonAnswer(null), body: '{"data": {"viewer": ' });
    case 'json':
      return answered(jsonAnswer(failure.body));
    case 'redirect': {
      const { location, status = 302 } = failure;
      return answered({ status, headers: { location }, body: '' });
    }
  }
}

const answered = (answer: HttpAnswer): WireAnswer => ({ kind: 'answer', answer });

const nullData = ({ rootFields }: GraphqlCall) => nulls(rootFields.map(({ responseKey }) => responseKey));

function statusAnswer(
  { status, page, retryAfter }: Extract<WandbFailure, { kind: 'status' }>,
  call: GraphqlCall,
): HttpAnswer {
  const isProxys = page ?? status >= 500;
  const answer = isProxys ? htmlAnswer(status) : refusedCall(call, refusal(status));
  if (retryAfter === undefined) return answer;
  return { ...answer, headers: { ...answer.headers, 'retry-after': String(retryAfter) } };
}

function refusal(status: number): WandbError {
  if (status === 401) return new WandbError('user is not logged in', { status, code: 'PERMISSION_ERROR' });
  if (status === 403) return new WandbError('permission denied', { status, code: 'PERMISSION_ERROR' });
  return new WandbError((STATUS_CODES[status] ?? 'failed').toLowerCase(), { status });
}

function errorsAnswer(message: string, call: GraphqlCall, lost: HttpAnswer | undefined): HttpAnswer {
  const path = call.rootFields.slice(0, 1).map(({ responseKey }) => responseKey);
  const { data = nullData(call) } = lost ? (JSON.parse(lost.body) as { data?: unknown }) : {};
  return jsonAnswer({ errors: [{ message, path }], data });
}

function htmlAnswer(status: number, title = `${status} ${STATUS_CODES[status] ?? ''}`): HttpAnswer {
  const headers = { 'content-type': 'text/html; charset=utf-8' };
  const body = `<html>\n<head><title>${title}</title></head>\n<body>\n<center><h1>${title}</h1></center>\n</body>\n</html>\n`;
  return { status, headers, body };
}
