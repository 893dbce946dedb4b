import type { SecretMask } from './mask-secrets.ts';
import type { Exchange } from './panel-protocol.ts';
import type { TrafficRecord } from './traffic.ts';

const longest = 100_000;

/** A request and its answer as the panel may see it: without secrets, and not without bounds. */
export function shownExchange(record: TrafficRecord, mask: SecretMask): Exchange {
  const { id, direction, transport, method, url, startedAtMs, durationMs, headers, answer } = record;
  const problem = problemOf(record);
  const masked = mask.value({
    id,
    direction,
    transport,
    method,
    url,
    startedAtMs,
    ...(durationMs !== undefined && { durationMs }),
    headers,
    payload: record.payload ?? record.body,
    ...(answer && { answer }),
    ...(problem !== undefined && { problem }),
  }) as Exchange;
  masked.payload = bounded(masked.payload);
  if (masked.answer) masked.answer.body = cut(masked.answer.body);
  return masked;
}

function problemOf({ direction, answer, failure }: TrafficRecord): string | undefined {
  const refusedWith = direction === 'to_slack' && answer ? errorOf(answer.body) : undefined;
  if (refusedWith !== undefined) return refusedWith;
  if (failure !== undefined && failure !== 'status') return failure;
  const isFailed = answer && (failure === 'status' || answer.status >= 400);
  return isFailed ? `status ${answer.status}` : failure;
}

/** Web API and response URLs refuse with `{ "ok": false, "error": … }`. */
function errorOf(body: string): string | undefined {
  try {
    const { ok, error } = JSON.parse(body) as { ok?: unknown; error?: unknown };
    return ok === false && typeof error === 'string' ? error : undefined;
  } catch {
    return undefined;
  }
}

function bounded(payload: unknown): unknown {
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
  return text.length > longest ? cut(text) : payload;
}

function cut(text: string): string {
  return text.length > longest
    ? `${text.slice(0, longest)}… (${text.length - longest} more characters)`
    : text;
}
