import type { Exchange } from '../../../slack/protocol/panel-protocol.ts';

export interface RequestFilter {
  /** Words that all have to be there, anywhere in the request or its answer. */
  text: string;
  direction: 'all' | Exchange['direction'];
}

export function filterExchanges(exchanges: readonly Exchange[], filter: RequestFilter): readonly Exchange[] {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0 && filter.direction === 'all') return exchanges;
  return exchanges.filter(
    (exchange) =>
      (filter.direction === 'all' || exchange.direction === filter.direction) &&
      words.every((word) => searchedText(exchange).includes(word)),
  );
}

// An exchange is replaced, never changed; so its text holds as long as it does.
const texts = new WeakMap<Exchange, string>();

function searchedText(exchange: Exchange): string {
  const known = texts.get(exchange);
  if (known !== undefined) return known;
  const { method, transport, url, problem, answer, payload } = exchange;
  const parts = [method, transport, url, problem, answer?.status, answer?.body, JSON.stringify(payload)];
  const text = parts.join('\n').toLowerCase();
  texts.set(exchange, text);
  return text;
}
