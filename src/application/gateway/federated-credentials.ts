import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import { Secret } from '../../domain/keys/secret.ts';
import type { Clock } from '../ports/clock.ts';
import { createExchangeTurns } from './exchange-turns.ts';
import type { FederationIssuer } from './federation-issuer.ts';
import type {
  FederatedCredentials,
  UpstreamCredential,
  UpstreamCredentialResult,
} from './upstream-credential.ts';

export type JwtExchange =
  | { ok: true; accessToken: Secret; expiresInSeconds: number }
  | {
      ok: false;
      /**
       * `rejected`: W&B refused the JWT. `unavailable`: the server didn't respond, or asked to try later. `unusable`: its response isn't an access token.
       */
      reason: 'rejected' | 'unavailable' | 'unusable';
      /** For the log. Contains no secret. */
      cause: string;
      /** From `Retry-After`. */
      retryAfterSeconds?: number | undefined;
    };

/** Exchanges a JWT at the W&B server for an access token, once. Never throws. */
export type ExchangeJwt = (jwt: Secret) => Promise<JwtExchange>;

/** `not_signed`: the JWT couldn't be signed, because the database couldn't be read. */
export type JwtExchangeOutcome = 'ok' | 'rejected' | 'unavailable' | 'unusable' | 'not_signed';

export interface FederatedCredentialsDependencies extends Pick<Clock, 'monotonicMs'> {
  issuer: Pick<FederationIssuer, 'sign'>;
  exchange: ExchangeJwt;
  count: (outcome: JwtExchangeOutcome) => void;
  logger: Pick<Logger, 'info' | 'warn' | 'debug'>;
}

/** A token is renewed in its last five minutes, or in its last quarter if it lives less than 20. */
const RENEWED_AHEAD_MS = 5 * 60_000;
/** A token isn't used in its last 30 seconds, or the last tenth of a shorter lifetime, because a request takes time to arrive. */
const UNUSED_MS = 30_000;
const LONGEST_LIFETIME_MS = 24 * 60 * 60_000;
/** Pauses after failed exchanges of a team, doubled each time. A server that asks for a longer one gets it, within limits. */
const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 60_000;
const LONGEST_ASKED_PAUSE_MS = 15 * 60_000;
/** The shortest time between two exchanges that 401 responses cause: a workload can cause any number of them. */
const REJECTION_PAUSE_MS = 30_000;
/** Far more than an organization has. A team that is dropped exchanges again. */
const MAX_TEAMS = 10_000;

interface Token {
  credential: UpstreamCredential;
  /** On the monotonic clock, like all times here. */
  renewFromMs: number;
  usableUntilMs: number;
}

interface TeamState {
  teamName: string;
  token?: Token | undefined;
  exchanging?: Promise<UpstreamCredentialResult> | undefined;
  failure?: { reason: 'rejected' | 'unavailable'; untilMs: number; count: number } | undefined;
  /** When a 401 last caused an exchange. */
  rejectedAtMs?: number;
}

/**
 * Creates the access tokens of teams without a stored key, which stay in memory. A token is renewed ahead of its end while it is still
 * used; a team has one exchange at a time, and none until the pause after a failed one is over.
 */
export function createFederatedCredentials(
  dependencies: FederatedCredentialsDependencies,
): FederatedCredentials {
  const { monotonicMs } = dependencies;
  const teams = new LRUCache<string, TeamState>({ max: MAX_TEAMS });
  const turns = createExchangeTurns(monotonicMs);
  const stateOf = (teamName: string) => {
    const known = teams.get(teamName);
    if (known !== undefined) return known;
    const state: TeamState = { teamName };
    teams.set(teamName, state);
    return state;
  };
  const exchange = (state: TeamState): Promise<UpstreamCredentialResult> => {
    state.exchanging ??= turns
      .take(() => exchangeOnce(dependencies, state.teamName))
      .then((received) => accept(dependencies, state, received ?? CROWDED))
      .finally(() => {
        state.exchanging = undefined;
      });
    return state.exchanging;
  };

  const of = async (teamName: string): Promise<UpstreamCredentialResult> => {
    const state = stateOf(teamName);
    const { token } = state;
    const nowMs = monotonicMs();
    const pause = pauseOf(state, nowMs);
    if (token === undefined || nowMs >= token.usableUntilMs) return pause ?? exchange(state);
    if (nowMs >= token.renewFromMs && pause === undefined) void exchange(state);
    return { ok: true, credential: token.credential };
  };

  return {
    of,
    async renew(rejected) {
      const state = stateOf(rejected.teamName);
      // Only if there is one: no other request may come in between.
      if (state.exchanging !== undefined) await state.exchanging;
      if (state.token?.credential !== rejected) return of(rejected.teamName);
      const nowMs = monotonicMs();
      const { rejectedAtMs = Number.NEGATIVE_INFINITY } = state;
      // The token stays in use: W&B may refuse a path, not the credential.
      const pauseMs = rejectedAtMs + REJECTION_PAUSE_MS - nowMs;
      if (pauseMs > 0) return failed('rejected', pauseMs);
      const pause = pauseOf(state, nowMs);
      if (pause !== undefined) return pause;
      state.rejectedAtMs = nowMs;
      return exchange(state);
    },
  };
}

/** Returns the failure of the last exchange until the pause after it is over. */
function pauseOf({ failure }: TeamState, nowMs: number): UpstreamCredentialResult | undefined {
  if (failure === undefined || nowMs >= failure.untilMs) return undefined;
  return failed(failure.reason, failure.untilMs - nowMs);
}

type Received = {
  startedAtMs: number;
  exchanged: JwtExchange | { ok: false; reason: 'not_signed'; cause: string };
};

const CROWDED: Received = {
  startedAtMs: 0,
  exchanged: { ok: false, reason: 'unavailable', cause: 'too many exchanges are running' },
};

async function exchangeOnce(
  { issuer, exchange, monotonicMs }: FederatedCredentialsDependencies,
  teamName: string,
): Promise<Received> {
  const startedAtMs = monotonicMs();
  try {
    const jwt = await issuer.sign(teamName);
    return { startedAtMs, exchanged: await exchange(jwt) };
  } catch (error) {
    const cause = error instanceof Error ? `${error.name}: ${error.message}` : 'unknown error';
    return { startedAtMs, exchanged: { ok: false, reason: 'not_signed', cause } };
  }
}

/** Keeps what an exchange returned. */
function accept(
  { monotonicMs, count, logger }: FederatedCredentialsDependencies,
  state: TeamState,
  { startedAtMs, exchanged }: Received,
): UpstreamCredentialResult {
  const nowMs = monotonicMs();
  const token = exchanged.ok ? tokenOf(state.teamName, exchanged, startedAtMs) : undefined;
  if (token !== undefined && nowMs < token.usableUntilMs) {
    count('ok');
    const { failure } = state;
    state.token = token;
    state.failure = undefined;
    if (failure !== undefined) logger.info({ team: state.teamName }, 'W&B access token received again');
    return { ok: true, credential: token.credential };
  }
  const failure = exchanged.ok
    ? ({ reason: 'unusable', cause: 'the access token had expired on arrival' } as const)
    : exchanged;
  count(failure.reason);
  const failures = (state.failure?.count ?? 0) + 1;
  const askedMs = 'retryAfterSeconds' in failure ? (failure.retryAfterSeconds ?? 0) * 1000 : 0;
  const ownMs = Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS);
  const pauseMs = Math.max(ownMs, Math.min(askedMs, LONGEST_ASKED_PAUSE_MS));
  const reason = failure.reason === 'rejected' ? 'rejected' : 'unavailable';
  const isNew = state.failure?.reason !== reason;
  state.failure = { reason, untilMs: nowMs + pauseMs, count: failures };
  logger[isNew ? 'warn' : 'debug'](
    { team: state.teamName, reason: failure.reason, cause: failure.cause, failures },
    'W&B access token not received',
  );
  return failed(reason, pauseMs);
}

function tokenOf(
  teamName: string,
  { accessToken, expiresInSeconds }: Extract<JwtExchange, { ok: true }>,
  startedAtMs: number,
): Token {
  const lifetimeMs = Math.min(expiresInSeconds * 1000, LONGEST_LIFETIME_MS);
  const endsAtMs = startedAtMs + lifetimeMs;
  return {
    credential: {
      teamName,
      kind: 'access_token',
      authorization: new Secret(`Bearer ${accessToken.reveal()}`),
      isWider: false,
    },
    renewFromMs: endsAtMs - Math.min(RENEWED_AHEAD_MS, lifetimeMs / 4),
    usableUntilMs: endsAtMs - Math.min(UNUSED_MS, lifetimeMs / 10),
  };
}

function failed(reason: 'rejected' | 'unavailable', pauseMs: number): UpstreamCredentialResult {
  return { ok: false, reason, retryAfterSeconds: Math.max(1, Math.ceil(pauseMs / 1000)) };
}
