import type { FastifyInstance } from 'fastify';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import packageJson from '../../../package.json' with { type: 'json' };
import type {
  AuthorityCounts,
  ExchangeOutcome,
  NearMatchOutcome,
  VerificationOutcome,
} from '../../application/authority/authority-context.ts';
import type { JobOutcome } from '../../application/jobs/job-worker.ts';
import {
  type DeliveryOutcome,
  type DeliveryOutcomeCode,
  deliveryOutcomeCode,
} from '../../application/ports/account-records.ts';
import type { QueueLengths } from '../../application/ports/authority-store.ts';
import { JOB_KINDS } from '../../application/ports/job-store.ts';
import { createGatewayMetrics, type GatewayCounts } from '../gateway/gateway-metrics.ts';
import type { ObservedRequest } from '../server/http-server.ts';

/** The label of each queue. */
const QUEUES: Record<Exclude<keyof QueueLengths, 'jobsByKind' | 'serverAccountsNeedingAdmin'>, string> = {
  deliveries: 'deliveries',
  collections: 'collections',
  operations: 'operations',
  jobs: 'jobs',
  failingJobs: 'failing_jobs',
};
const QUEUE_NAMES = Object.keys(QUEUES) as (keyof typeof QUEUES)[];

export interface MetricsOptions {
  /** Rejects if the database can't be read. Returns undefined before it is opened. */
  readQueueLengths: () => Promise<QueueLengths | undefined>;
  /** Returns how many uses of credentials aren't written yet. They are in memory, so also known without the database. */
  usesWaiting: () => number;
  /** Returns how many log lines were dropped since the start. */
  droppedLogLines?: () => number;
  /** Whether Keysmith forwards workloads to a W&B server. Adds the metrics of that. */
  hasGateway?: boolean;
  /** Adds metrics of the process: memory, event loop, garbage collection. Only one instance per process may collect them. */
  ofProcess: boolean;
}

/** The metrics of one Keysmith. No label holds a name, a key ID or an address, so requests can't add label values. */
export interface Metrics {
  counts: AuthorityCounts;
  gateway: GatewayCounts;
  delivery(outcome: DeliveryOutcome): void;
  job(outcome: JobOutcome): void;
  observe(observed: ObservedRequest): void;
  /** Adds `GET /metrics` in the Prometheus text format. */
  addRoute(server: FastifyInstance): void;
}

// Records, so that the compiler finds a missing outcome.
const VERIFICATION_OUTCOMES: Record<VerificationOutcome, 0> = {
  ok: 0,
  malformed: 0,
  unknown_key: 0,
  wrong_secret: 0,
  key_expired: 0,
  key_revoked: 0,
  key_not_delivered: 0,
  bad_signature: 0,
  token_expired: 0,
  token_not_for_keysmith: 0,
  account_unknown: 0,
  account_revoked: 0,
  team_archived: 0,
  issuer_removed: 0,
};
const EXCHANGE_OUTCOMES: Record<ExchangeOutcome, 0> = {
  ok: 0,
  malformed: 0,
  unknown_issuer: 0,
  own_issuer: 0,
  algorithm_not_allowed: 0,
  critical_header: 0,
  wrong_type: 0,
  no_such_key: 0,
  bad_signature: 0,
  wrong_audience: 0,
  no_expiry: 0,
  expired: 0,
  not_yet_valid: 0,
  issued_in_the_future: 0,
  lives_too_long: 0,
  sender_constrained: 0,
  security_event: 0,
  bad_claim: 0,
  unknown_subject: 0,
  team_archived: 0,
  no_token_id: 0,
  used_before: 0,
  keys_asked_recently: 0,
  keys_unavailable: 0,
};
const DELIVERY_OUTCOMES: Record<DeliveryOutcomeCode, 0> = { accepted: 0, refused: 0, unknown: 0 };
const NEAR_MATCH_OUTCOMES: Record<NearMatchOutcome, 0> = { reported: 0, known: 0, not_allowed: 0 };
const JOB_OUTCOMES: Record<JobOutcome, 0> = { done: 0, retried: 0, given_up: 0 };
const METHODS = ['GET', 'HEAD', 'POST'];
/** Upper bounds in seconds, from a key lookup to a slow W&B server. */
const DURATION_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Creates metrics with a registry of their own, so that two Keysmiths in one process don't mix. */
export function createMetrics(options: MetricsOptions): Metrics {
  const { ofProcess } = options;
  const registry = new Registry();
  const registers = [registry];
  if (ofProcess) addProcessMetrics(registry);
  addBuildInfo(registers);
  addDroppedLogLines(registers, options);
  const countOutcomes = <Outcome extends string>(
    name: string,
    help: string,
    outcomes: Record<Outcome, 0>,
  ) => {
    const counter = new Counter({ name, help, labelNames: ['outcome'], registers });
    // Starts every outcome at 0: Prometheus only sees an increase between two samples.
    for (const outcome of Object.keys(outcomes)) counter.inc({ outcome }, 0);
    return (outcome: Outcome) => counter.inc({ outcome });
  };
  const countDelivery = countOutcomes(
    'keysmith_deliveries_total',
    'Deliveries of new keys to a person, by outcome.',
    DELIVERY_OUTCOMES,
  );
  const updateQueueGauges = createQueueGauges(registers, options);
  const scrape = shareRunning(async () => {
    await updateQueueGauges();
    return await registry.metrics();
  });
  return {
    counts: {
      verification: countOutcomes(
        'keysmith_verifications_total',
        'Verifications of API keys and access tokens, by outcome.',
        VERIFICATION_OUTCOMES,
      ),
      exchange: countOutcomes(
        'keysmith_exchanges_total',
        'Exchanges of JWTs for access tokens, by outcome.',
        EXCHANGE_OUTCOMES,
      ),
      nearMatch: countOutcomes(
        'keysmith_near_matches_total',
        'Refused JWTs whose subject resembles a registered one, by what Keysmith did.',
        NEAR_MATCH_OUTCOMES,
      ),
    },
    gateway: createGatewayMetrics(options.hasGateway ? registers : [new Registry()]),
    delivery: (outcome) => countDelivery(deliveryOutcomeCode(outcome)),
    job: countOutcomes('keysmith_jobs_total', 'Attempts of background jobs, by outcome.', JOB_OUTCOMES),
    observe: createRequestMetrics(registers),
    addRoute: (server) => {
      server.get('/metrics', async (_request, reply) => {
        return reply.header('content-type', registry.contentType).send(await scrape());
      });
    },
  };
}

/** Returns a function whose callers share the run in progress, because anyone can scrape at any rate. */
function shareRunning<Result>(run: () => Promise<Result>): () => Promise<Result> {
  let running: Promise<Result> | undefined;
  return () => {
    running ??= run().finally(() => {
      running = undefined;
    });
    return running;
  };
}

/**
 * Adds the metrics of Node and the process, without the gauges named `_total`, which `promtool check metrics` rejects. Each is the
 * sum of the metric of the same name without `_total`.
 */
function addProcessMetrics(registry: Registry): void {
  collectDefaultMetrics({ register: registry });
  for (const metric of registry.getMetricsAsArray()) {
    if (metric instanceof Gauge && metric.name.endsWith('_total')) registry.removeSingleMetric(metric.name);
  }
}

function addBuildInfo(registers: Registry[]): void {
  new Gauge({
    name: 'keysmith_build_info',
    help: 'Always 1; the label is the version of Keysmith.',
    labelNames: ['version'],
    registers,
  }).set({ version: packageJson.version }, 1);
}

function addDroppedLogLines(registers: Registry[], { droppedLogLines = () => 0 }: MetricsOptions): void {
  new Counter({
    name: 'keysmith_log_lines_dropped_total',
    help: 'Log lines dropped because the reader of standard output was behind or gone.',
    registers,
    collect() {
      this.reset();
      this.inc(droppedLogLines());
    },
  });
}

function createRequestMetrics(registers: Registry[]): Metrics['observe'] {
  const total = new Counter({
    name: 'keysmith_http_requests_total',
    help: 'HTTP requests, by route, method and class of status.',
    labelNames: ['route', 'method', 'status'],
    registers,
  });
  const duration = new Histogram({
    name: 'keysmith_http_request_duration_seconds',
    help: 'Duration of HTTP requests, by route.',
    labelNames: ['route'],
    buckets: DURATION_BUCKETS,
    registers,
  });
  return ({ route, method, status, durationMs }) => {
    const known = METHODS.includes(method) ? method : 'other';
    total.inc({ route, method: known, status: `${Math.floor(status / 100)}xx` });
    duration.observe({ route }, durationMs / 1000);
  };
}

/** Returns a function that updates the gauges. If the database can't be read, they show that it is down. */
function createQueueGauges(
  registers: Registry[],
  { readQueueLengths, usesWaiting }: MetricsOptions,
): () => Promise<void> {
  const up = new Gauge({
    name: 'keysmith_database_up',
    help: 'Whether the database could be read for this scrape: 1 or 0.',
    registers,
  });
  const length = new Gauge({
    name: 'keysmith_queue_length',
    help: 'Waiting work: key deliveries, key collections, jobs of accounts on a W&B server, all jobs, failing jobs, credential uses to write.',
    labelNames: ['queue'],
    registers,
  });
  const needingAdmin = new Gauge({
    name: 'keysmith_server_accounts_needing_admin',
    help: 'Accounts on a W&B server that Keysmith can’t create or delete until an admin acts.',
    registers,
  });
  const setJobs = createJobGauges(registers);
  return async () => {
    length.set({ queue: 'credential_uses' }, usesWaiting());
    try {
      const lengths = await readQueueLengths();
      for (const name of QUEUE_NAMES) length.set({ queue: QUEUES[name] }, lengths?.[name] ?? 0);
      setJobs(lengths?.jobsByKind ?? []);
      needingAdmin.set(lengths?.serverAccountsNeedingAdmin ?? 0);
      up.set(1);
    } catch {
      for (const name of QUEUE_NAMES) length.remove({ queue: QUEUES[name] });
      needingAdmin.remove();
      setJobs(undefined);
      up.set(0);
    }
  };
}

/** Returns a function that sets the numbers of jobs by kind. Undefined if the database can't be read. */
function createJobGauges(registers: Registry[]): (jobs: QueueLengths['jobsByKind'] | undefined) => void {
  const gaugeOf = (name: string, help: string) => new Gauge({ name, help, labelNames: ['kind'], registers });
  const unfinished = gaugeOf('keysmith_unfinished_jobs', 'Jobs that wait or run, by kind.');
  const failing = gaugeOf('keysmith_failing_jobs', 'Unfinished jobs whose last attempt failed, by kind.');
  return (jobs) => {
    for (const kind of JOB_KINDS) {
      const numbers = jobs?.find((one) => one.kind === kind);
      if (jobs === undefined) {
        unfinished.remove({ kind });
        failing.remove({ kind });
      } else {
        unfinished.set({ kind }, numbers?.unfinished ?? 0);
        failing.set({ kind }, numbers?.failing ?? 0);
      }
    }
  };
}
