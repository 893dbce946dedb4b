import { Counter, type Registry } from 'prom-client';
import type { JwtExchangeOutcome } from '../../application/gateway/federated-credentials.ts';

/** Counters of the gateway. They never receive a name, a path or an address. */
export interface GatewayCounts {
  /** An exchange of a JWT of Keysmith's at the W&B server. */
  upstreamExchange(outcome: JwtExchangeOutcome): void;
}

// A record, so that the compiler finds a missing outcome.
const EXCHANGE_OUTCOMES: Record<JwtExchangeOutcome, 0> = {
  ok: 0,
  rejected: 0,
  unavailable: 0,
  unusable: 0,
  not_signed: 0,
};

export function createGatewayMetrics(registers: Registry[]): GatewayCounts {
  const exchanges = new Counter({
    name: 'keysmith_upstream_exchanges_total',
    help: 'Exchanges of Keysmith’s JWTs for access tokens of the W&B server, by outcome.',
    labelNames: ['outcome'],
    registers,
  });
  // Starts every outcome at 0: Prometheus only sees an increase between two samples.
  for (const outcome of Object.keys(EXCHANGE_OUTCOMES)) exchanges.inc({ outcome }, 0);
  return { upstreamExchange: (outcome) => exchanges.inc({ outcome }) };
}
