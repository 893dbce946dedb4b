import type { EventLog } from '../../../log/limited-log.ts';
import type { GatewayProblem } from '../gateway-failure.ts';
import { type GatewayRequest, sendProblem } from '../gateway-request.ts';
import type { AnswerEdit } from '../graphql/guarded-operation.ts';
import type { AnswerUrls } from '../upstream/answer-urls.ts';
import { brokenAnswer } from '../upstream/passed-on.ts';
import type { SafeResponse } from '../upstream/safe-response.ts';
import { unreadable } from '../upstream/upstream-call.ts';
import { editedText, readAnswer } from './edited-answer.ts';
import type { MemoryBudget } from './memory-budget.ts';

interface AnswerOptions {
  edit: AnswerEdit | undefined;
  /** Gets the answer as the workload sees it. */
  onAnswer(answer: unknown): void;
}

/** Reads a whole GraphQL answer, edits it and sends it on. */
export type RespondEdited = (
  gatewayRequest: GatewayRequest,
  response: SafeResponse,
  options: AnswerOptions,
) => void;

export function createRespondEdited({
  budget,
  urls,
  maxAnswerBytes,
  log,
}: {
  budget: MemoryBudget;
  urls: AnswerUrls;
  /** 64 MiB by default. */
  maxAnswerBytes: number | undefined;
  log: EventLog;
}): RespondEdited {
  const respond = async (
    gatewayRequest: GatewayRequest,
    response: SafeResponse,
    { edit, onAnswer }: AnswerOptions,
  ) => {
    const { reply, over, verified } = gatewayRequest;
    const held = budget.hold(verified.account.id);
    over.addEventListener('abort', held.release, { once: true });
    if (over.aborted) held.release();
    const read = await readAnswer(response, held, maxAnswerBytes);
    if (over.aborted) return;
    const editing = { rewriteUrl: urls.rewrite, size: read.ok ? read.size : 0 };
    const text = read.ok ? await editedText(edit, read.answer, editing) : undefined;
    if (over.aborted) return;
    if (!read.ok || text === undefined) {
      const reason = read.ok ? 'unreadable' : read.reason;
      return sendProblem(gatewayRequest, answerProblem(reason, response));
    }
    onAnswer(read.answer);
    const { 'content-length': _, ...headers } = response.headers;
    reply.code(response.status).headers(headers).type('application/json; charset=utf-8').send(text);
  };
  return (gatewayRequest, response, options) => {
    respond(gatewayRequest, response, options).catch((err: unknown) => {
      if (gatewayRequest.over.aborted) return;
      log.warn({ err }, 'W&B response not read');
      sendProblem(gatewayRequest, brokenAnswer(err));
    });
  };
}

/** An answer that can't be read can't be masked, so nothing of it is sent on but its status. */
function answerProblem(reason: 'too_large' | 'busy' | 'unreadable', response: SafeResponse): GatewayProblem {
  if (reason === 'too_large') return { problem: 'upstream_answer_too_large' };
  if (reason === 'busy') return { problem: 'busy' };
  return unreadable(response);
}
