import { Counter, Histogram, type Registry } from 'prom-client';
import type { JwtExchangeOutcome } from '../../application/gateway/federated-credentials.ts';

type GatewayRequestKind = 'graphql' | 'file_stream' | 'download';

/** How a request to the W&B server ended: the class of its status, or why there was none. */
export type UpstreamOutcome =
  | '2xx'
  | '3xx'
  | '4xx'
  | '5xx'
  | 'rejected'
  | 'unreachable'
  | 'too_slow'
  | 'ended';

/** Counts what the gateway does. Never gets a name, an ID or an address. */
export interface GatewayCounts {
  /** An exchange of one of Keysmith's JWTs at the W&B server. */
  upstreamExchange(outcome: JwtExchangeOutcome): void;
  /** @param seconds until the headers of the response, or until it was known that there is none */
  upstream(kind: GatewayRequestKind, outcome: UpstreamOutcome, seconds: number): void;
  /** @param bytes on the client's connection, with headers */
  bytes(received: number, sent: number): void;
  /** Fields for credentials that a forwarded document selected. */
  masked(fields: number): void;
  /** @param reason from a fixed set */
  refused(reason: string): void;
}

// Records, so that the compiler finds a missing outcome.
const EXCHANGE_OUTCOMES: Record<JwtExchangeOutcome, 0> = {
  ok: 0,
  rejected: 0,
  unavailable: 0,
  unusable: 0,
  not_signed: 0,
};
const KINDS: Record<GatewayRequestKind, 0> = { graphql: 0, file_stream: 0, download: 0 };
const OUTCOMES: Record<UpstreamOutcome, 0> = {
  '2xx': 0,
  '3xx': 0,
  '4xx': 0,
  '5xx': 0,
  rejected: 0,
  unreachable: 0,
  too_slow: 0,
  ended: 0,
};
/** Upper bounds in seconds, from a server in the same network to the longest time without a byte. */
const SECONDS_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 180];

export function createGatewayMetrics(registers: Registry[]): GatewayCounts {
  const exchanges = new Counter({
    name: 'keysmith_upstream_exchanges_total',
    help: 'Exchanges of Keysmith’s JWTs for access tokens of the W&B server, by outcome.',
    labelNames: ['outcome'],
    registers,
  });
  // Starts every outcome at 0: Prometheus only sees an increase between two samples.
  for (const outcome of Object.keys(EXCHANGE_OUTCOMES)) exchanges.inc({ outcome }, 0);
  const upstream = new Counter({
    name: 'keysmith_upstream_requests_total',
    help: 'Requests to the W&B server behind the gateway, by kind and outcome.',
    labelNames: ['kind', 'outcome'],
    registers,
  });
  const seconds = new Histogram({
    name: 'keysmith_upstream_request_duration_seconds',
    help: 'Time until the W&B server behind the gateway responded, by kind.',
    labelNames: ['kind'],
    buckets: SECONDS_BUCKETS,
    registers,
  });
  const bytes = new Counter({
    name: 'keysmith_gateway_bytes_total',
    help: 'Bytes on the connections of forwarded requests, by direction.',
    labelNames: ['direction'],
    registers,
  });
  const masked = new Counter({
    name: 'keysmith_gateway_masked_fields_total',
    help: 'Fields for credentials that were masked in forwarded GraphQL documents.',
    registers,
  });
  const refused = new Counter({
    name: 'keysmith_gateway_refusals_total',
    help: 'Requests with a valid credential that the gateway refused, by reason.',
    labelNames: ['reason'],
    registers,
  });
  for (const kind of Object.keys(KINDS)) {
    for (const outcome of Object.keys(OUTCOMES)) upstream.inc({ kind, outcome }, 0);
  }
  return {
    upstreamExchange: (outcome) => exchanges.inc({ outcome }),
    upstream(kind, outcome, duration) {
      upstream.inc({ kind, outcome });
      seconds.observe({ kind }, duration);
    },
    bytes(received, sent) {
      bytes.inc({ direction: 'received' }, received);
      bytes.inc({ direction: 'sent' }, sent);
    },
    masked: (fields) => masked.inc(fields),
    refused: (reason) => refused.inc({ reason }),
  };
}
