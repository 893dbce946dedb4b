import type { Exchange } from '../../../../slack/protocol/panel-protocol.ts';

export interface RequestStatus {
  tone: 'pending' | 'good' | 'amber' | 'bad';
  /** Said in the row: a status, or the code of an error that came with 200. */
  text: string;
}

export function requestStatus({ answer, problem, durationMs }: Exchange): RequestStatus {
  if (!answer) {
    return durationMs === undefined
      ? { tone: 'pending', text: 'waiting' }
      : { tone: 'bad', text: 'no answer' };
  }
  if (answer.status >= 400) return { tone: 'bad', text: String(answer.status) };
  const refusal = errorCode(answer.body);
  if (refusal !== undefined) return { tone: 'amber', text: refusal };
  const isPlain = answer.status < 300 && problem === undefined;
  return { tone: isPlain ? 'good' : 'amber', text: String(answer.status) };
}

/** The Web API says `ok: false` with status 200. */
function errorCode(body: string): string | undefined {
  if (!body.startsWith('{')) return undefined;
  try {
    const { ok, error } = JSON.parse(body);
    return ok === false ? String(error ?? 'ok: false') : undefined;
  } catch {
    return undefined;
  }
}
