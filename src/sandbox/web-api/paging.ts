import { type Arguments, type MethodAnswer, refused, text } from './method.ts';

type Page<T> = { ok: true; items: T[]; nextCursor: string } | { ok: false; answer: MethodAnswer };

/**
 * One page of a list, `limit` long, from `cursor` on. An empty next cursor: it was the last.
 * @see https://docs.slack.dev/apis/web-api/pagination
 */
export function pageOf<T>(items: T[], args: Arguments, { limit: usual }: { limit: number }): Page<T> {
  const limit = Number(text(args, 'limit') ?? usual);
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > 1000) {
    return { ok: false, answer: refused('invalid_limit') };
  }
  const cursor = text(args, 'cursor') ?? '';
  const start = cursor === '' ? 0 : readCursor(cursor);
  if (start === undefined || start > items.length) return { ok: false, answer: refused('invalid_cursor') };
  const end = start + limit;
  return {
    ok: true,
    items: items.slice(start, end),
    nextCursor: end < items.length ? Buffer.from(`next:${end}`).toString('base64') : '',
  };
}

function readCursor(cursor: string): number | undefined {
  const start = /^next:(\d+)$/.exec(Buffer.from(cursor, 'base64').toString())?.[1];
  return start === undefined ? undefined : Number(start);
}
