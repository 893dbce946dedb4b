import { describe, expect, test } from 'vitest';
import {
  createFederatedCredentials,
  type JwtExchange,
  type JwtExchangeOutcome,
} from '../../../src/application/gateway/federated-credentials.ts';
import type { UpstreamCredentialResult } from '../../../src/application/gateway/upstream-credential.ts';
import { StoreUnavailableError } from '../../../src/application/ports/store.ts';
import { Secret } from '../../../src/domain/keys/secret.ts';
import { collectLog } from '../../api/test-server.ts';

const TEAM = 'ml-platform';
const issued = (token: string, expiresInSeconds = 3600): JwtExchange => ({
  ok: true,
  accessToken: new Secret(token),
  expiresInSeconds,
});
const refused = (
  reason: 'rejected' | 'unavailable' | 'unusable',
  retryAfterSeconds?: number,
): JwtExchange => ({ ok: false, reason, cause: 'HTTP 400', retryAfterSeconds });

/** Exchanges that a test answers itself, or with `answers` in turn. */
function openWorld(...answers: JwtExchange[]) {
  const clock = { nowMs: 0 };
  const counted: JwtExchangeOutcome[] = [];
  const jwts: string[] = [];
  const open: ((exchange: JwtExchange) => void)[] = [];
  const log = collectLog();
  const signing: { error?: Error } = {};
  const credentials = createFederatedCredentials({
    issuer: {
      async sign(teamName) {
        if (signing.error) throw signing.error;
        return new Secret(`jwt of ${teamName}`);
      },
    },
    exchange: (jwt) => {
      jwts.push(jwt.reveal());
      const answer = answers.shift();
      return answer ? Promise.resolve(answer) : new Promise((resolve) => open.push(resolve));
    },
    count: (outcome) => void counted.push(outcome),
    monotonicMs: () => clock.nowMs,
    logger: log.logger,
  });
  return { clock, counted, jwts, answers, open, log, signing, credentials };
}

const header = (result: UpstreamCredentialResult) => result.ok && result.credential.authorization.reveal();
const credentialOf = (result: UpstreamCredentialResult) => {
  if (!result.ok) throw new Error(result.reason);
  return result.credential;
};
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('An access token of a team', () => {
  test('is exchanged once for all requests, is limited to the team and stays out of every text', async () => {
    const { credentials, jwts, open, counted, log } = openWorld();
    const waiting = [credentials.of(TEAM), credentials.of(TEAM), credentials.of('research')];
    await settled();
    expect(jwts).toEqual(['jwt of ml-platform', 'jwt of research']);
    open[0]?.(issued('token-1'));
    open[1]?.(issued('token-2'));

    const [first, second, other] = await Promise.all(waiting);

    expect(first).toMatchObject({
      ok: true,
      credential: { teamName: TEAM, kind: 'access_token', isWider: false },
    });
    expect([first, second, other].map((result) => result && header(result))).toEqual([
      'Bearer token-1',
      'Bearer token-1',
      'Bearer token-2',
    ]);
    expect(counted).toEqual(['ok', 'ok']);
    expect(JSON.stringify([first, log.lines])).not.toContain('token-1');
  });

  test.each([
    [3600, 3300, 3570],
    [60, 45, 54],
    [10, 7.5, 9],
  ])(
    'of %i s is renewed after %d s while it is used, and isn’t used after %d s',
    async (lifetime, renewed, unused) => {
      const { credentials, clock, jwts, open } = openWorld(issued('token-1', lifetime));
      await credentials.of(TEAM);
      clock.nowMs = renewed * 1000 - 1;
      expect(header(await credentials.of(TEAM))).toBe('Bearer token-1');
      expect(jwts).toHaveLength(1);

      clock.nowMs += 1;
      // No request waits for the new one.
      expect(header(await credentials.of(TEAM))).toBe('Bearer token-1');
      expect(header(await credentials.of(TEAM))).toBe('Bearer token-1');
      await settled();
      expect(jwts).toHaveLength(2);
      clock.nowMs = unused * 1000;
      const waiting = credentials.of(TEAM);
      open[0]?.(issued('token-2', lifetime));
      expect(header(await waiting)).toBe('Bearer token-2');
      expect(jwts).toHaveLength(2);
    },
  );

  test('lives from before the exchange, however long that took', async () => {
    const { credentials, clock, open, answers } = openWorld();
    const waiting = credentials.of(TEAM);
    await settled();
    clock.nowMs = 9_000;
    open[0]?.(issued('token-1', 60));
    expect(header(await waiting)).toBe('Bearer token-1');

    answers.push(issued('token-2', 60));
    clock.nowMs = 54_000;
    expect(header(await credentials.of(TEAM))).toBe('Bearer token-2');
  });

  test('stays in use if it can’t be renewed, until its end', async () => {
    const { credentials, clock, jwts } = openWorld(issued('token-1'), refused('unavailable'));
    await credentials.of(TEAM);
    clock.nowMs = 3_300_000;
    await credentials.of(TEAM);
    await settled();
    expect(header(await credentials.of(TEAM))).toBe('Bearer token-1');
    expect(jwts).toHaveLength(2);
  });

  test('that has expired on arrival counts as unusable and isn’t asked for again at once', async () => {
    const { credentials, clock, open, counted, jwts } = openWorld();
    const waiting = credentials.of(TEAM);
    await settled();
    clock.nowMs = 1_000;
    open[0]?.(issued('token-1', 1));

    expect(await waiting).toEqual({ ok: false, reason: 'unavailable', retryAfterSeconds: 2 });
    await credentials.of(TEAM);
    expect([counted, jwts.length]).toEqual([['unusable'], 1]);
  });
});

describe('A failed exchange', () => {
  test('isn’t repeated for each request, but after pauses that double up to a minute', async () => {
    const { credentials, clock, jwts, answers, log } = openWorld();
    const pauses: number[] = [];
    for (let at = 0; at < 8; at += 1) {
      answers.push(refused('rejected'));
      const result = await credentials.of(TEAM);
      if (result.ok || result.reason !== 'rejected') throw new Error('not rejected');
      pauses.push(result.retryAfterSeconds);
      clock.nowMs += result.retryAfterSeconds * 1000 - 1;
      expect(await credentials.of(TEAM)).toEqual({ ok: false, reason: 'rejected', retryAfterSeconds: 1 });
      clock.nowMs += 1;
    }
    expect(pauses).toEqual([2, 4, 8, 16, 32, 60, 60, 60]);
    expect(jwts).toHaveLength(8);
    // A warning for the first one only.
    expect(log.lines.filter(({ level }) => level === 40)).toMatchObject([
      { team: TEAM, reason: 'rejected', cause: 'HTTP 400', msg: 'W&B access token not received' },
    ]);

    answers.push(issued('token-1'));
    expect(header(await credentials.of(TEAM))).toBe('Bearer token-1');
    clock.nowMs += 3_600_000;
    answers.push(refused('unavailable'));
    expect(await credentials.of(TEAM)).toMatchObject({ reason: 'unavailable', retryAfterSeconds: 2 });
  });

  test('pauses as long as the server asks, within limits, and only its own team', async () => {
    const { credentials, answers } = openWorld(refused('unavailable', 90), refused('unavailable', 86_400));
    expect(await credentials.of(TEAM)).toMatchObject({ retryAfterSeconds: 90 });
    expect(await credentials.of('research')).toMatchObject({ retryAfterSeconds: 900 });
    answers.push(issued('token-1'));
    expect(header(await credentials.of('vision'))).toBe('Bearer token-1');
  });

  test('for lack of a database is temporary', async () => {
    const { credentials, signing, counted, jwts } = openWorld();
    signing.error = new StoreUnavailableError('locked', { cause: undefined });

    expect(await credentials.of(TEAM)).toEqual({ ok: false, reason: 'unavailable', retryAfterSeconds: 2 });
    expect([counted, jwts]).toEqual([['not_signed'], []]);
  });
});

describe('An access token that W&B rejects', () => {
  test('is replaced by one new exchange for all requests', async () => {
    const { credentials, jwts, answers } = openWorld(issued('token-1'));
    const rejected = credentialOf(await credentials.of(TEAM));
    answers.push(issued('token-2'));

    const renewed = await Promise.all([1, 2, 3].map(() => credentials.renew(rejected)));

    expect(renewed.map(header)).toEqual(Array(3).fill('Bearer token-2'));
    expect(header(await credentials.renew(rejected))).toBe('Bearer token-2');
    expect(jwts).toHaveLength(2);
  });

  test('again causes no further exchange for half a minute, and stays in use, as W&B may mean the path', async () => {
    const { credentials, clock, jwts, answers } = openWorld(issued('token-1'), issued('token-2'));
    const first = credentialOf(await credentials.of(TEAM));
    const second = credentialOf(await credentials.renew(first));
    clock.nowMs += 10_000;

    for (const _ of [1, 2, 3]) {
      expect(await credentials.renew(second)).toEqual({
        ok: false,
        reason: 'rejected',
        retryAfterSeconds: 20,
      });
    }
    expect(header(await credentials.of(TEAM))).toBe('Bearer token-2');
    expect(jwts).toHaveLength(2);
    clock.nowMs += 20_000;
    answers.push(issued('token-3'));
    expect(header(await credentials.renew(second))).toBe('Bearer token-3');
  });

  test('isn’t replaced while exchanges pause after a failure', async () => {
    const { credentials, clock, jwts, answers } = openWorld(issued('token-1'), refused('unavailable', 120));
    const first = credentialOf(await credentials.of(TEAM));
    expect(await credentials.renew(first)).toMatchObject({ reason: 'unavailable', retryAfterSeconds: 120 });
    clock.nowMs += 60_000;
    expect(await credentials.renew(first)).toMatchObject({ reason: 'unavailable', retryAfterSeconds: 60 });
    clock.nowMs += 60_000;
    answers.push(issued('token-2'));
    expect(header(await credentials.renew(first))).toBe('Bearer token-2');
    expect(jwts).toHaveLength(3);
  });
});

test('Many teams exchange sixteen at a time, and those that would wait too long get a failure with a pause', async () => {
  const { credentials, clock, jwts, open, counted } = openWorld();
  const teams = Array.from({ length: 40 }, (_, at) => `team-${at}`);
  const waiting = teams.map((team) => credentials.of(team));
  await settled();
  expect(jwts).toHaveLength(16);
  open[0]?.(issued('token-0'));
  await settled();
  expect(jwts).toHaveLength(17);

  clock.nowMs = 10_001;
  open[1]?.(issued('token-1'));
  for (let at = 2; at < 17; at += 1) open[at]?.(refused('unavailable'));
  const results = await Promise.all(waiting);

  expect(results.filter(({ ok }) => ok)).toHaveLength(2);
  expect(jwts).toHaveLength(17);
  expect(counted.filter((outcome) => outcome === 'unavailable')).toHaveLength(38);
});
