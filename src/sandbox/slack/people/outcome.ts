import type { AppAnswer } from '../protocol/app-answer.ts';
import type { Outcome } from '../protocol/page-protocol.ts';

export const done: Outcome = { ok: true };

const troubleConnecting = 'We had some trouble connecting. Try again?';

/** What the page did that no client of Slack's could: the page API answers these with a 4xx. */
export type PageFault = 'not_found' | 'not_allowed' | 'invalid_request';

export function fault(error: PageFault, message: string): Outcome {
  return { ok: false, error, message };
}

export function trouble(error: string): Outcome {
  return { ok: false, error, message: troubleConnecting };
}

/** Slack's code for an answer that is not a 200 in time; undefined for one that is. */
export function acknowledgementError(answer: AppAnswer): 'operation_timeout' | 'dispatch_failed' | undefined {
  switch (answer.kind) {
    case 'timed_out':
      return 'operation_timeout';
    case 'unreachable':
      return 'dispatch_failed';
    case 'answered':
      return answer.status === 200 ? undefined : 'dispatch_failed';
  }
}
