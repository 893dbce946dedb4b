import { describe, expect, test } from 'vitest';
import { createIssuerKeys } from '../../../src/application/authority/issuer-keys.ts';
import { examineJwt } from '../../../src/application/authority/jwt/examine-jwt.ts';
import type { JwtFinding, JwtReport } from '../../../src/application/authority/jwt/jwt-report.ts';
import { createIssuerDocuments } from '../../../src/net/issuer-documents.ts';
import { jwtLines, jwtVerdictText } from '../../../src/slack/messages/jwt/jwt-report-text.ts';
import { collectLog } from '../../api/test-server.ts';
import { PUBLIC_URL, SUBJECT } from '../../world/exchange-world.ts';
import { sharedSigningPair, signJwt } from '../../world/issuer-server.ts';
import {
  claimsOf,
  encode,
  ISSUER,
  jwtOf,
  nowSeconds,
  openIssuerWorld,
  openStatedWorld,
} from './assertion-world.ts';

type StatedWorld = Awaited<ReturnType<typeof openStatedWorld>>;

const examine = ({ ports }: Pick<StatedWorld, 'ports'>, text: string) => examineJwt(ports, text, () => true);
const partsIn = ({ findings }: JwtReport, state: JwtFinding['state']) =>
  findings.filter((finding) => finding.state === state).map(({ part }) => part);

/** Changes of a valid JWT, and the parts that are then wrong. */
const MISTAKES: [
  what: string,
  claims: Record<string, unknown>,
  header: object,
  wrong: JwtFinding['part'][],
][] = [
  ['nothing', {}, {}, []],
  ['another aud', { aud: 'other' }, {}, ['aud']],
  ['no aud', { aud: undefined }, {}, ['aud']],
  ['an aud that is a number', { aud: 5 }, {}, ['aud']],
  ['no exp', { exp: undefined }, {}, ['exp']],
  ['an exp that is a text', { exp: 'soon' }, {}, ['exp']],
  ['an nbf in the future', { nbf: 9e9 }, {}, ['nbf']],
  ['an nbf that is a text', { nbf: 'now' }, {}, ['nbf']],
  ['an iat in the future', { iat: 9e9, exp: 9e9 + 60 }, {}, ['iat']],
  ['a long lifetime', { exp: 8e9 }, {}, ['lifetime']],
  ['an empty jti', { jti: '' }, {}, ['jti']],
  ['a cnf', { cnf: {} }, {}, ['cnf']],
  ['an event', { events: {} }, {}, ['events']],
  ['no iss', { iss: undefined }, {}, ['iss']],
  ['an unregistered iss', { iss: `${ISSUER}/` }, {}, ['iss']],
  ['Keysmith as iss', { iss: PUBLIC_URL }, {}, ['iss']],
  ['another sub', { sub: 'repo:acme/other' }, {}, ['sub']],
  ['a sub in another letter case', { sub: SUBJECT.toUpperCase() }, {}, ['sub']],
  ['no sub', { sub: undefined }, {}, ['sub']],
  ['the typ of an access token', {}, { typ: 'at+jwt' }, ['typ']],
  ['a kid that nobody published', {}, { kid: 'none' }, ['signature']],
  [
    'several mistakes',
    { aud: 'other', sub: 'repo:acme/other', nbf: 'now' },
    { typ: 'at+jwt' },
    ['typ', 'aud', 'nbf', 'sub'],
  ],
];

describe('Checking a JWT', () => {
  test.each(MISTAKES)(
    'agrees with the exchange about a JWT with %s, and names all mistakes',
    async (_what, claims, header, wrong) => {
      const world = await openStatedWorld();
      const jwt = await signJwt(world.pair, claimsOf(world, claims), header as Record<string, unknown>);

      const report = await examine(world, jwt);
      const exchanged = await world.exchange(jwt);

      expect(partsIn(report, 'wrong')).toEqual(wrong);
      expect(report.verdict).toBe(wrong.length === 0 ? 'accepted' : 'refused');
      expect(exchanged.status === 200).toBe(wrong.length === 0);
      for (const line of jwtLines(report, 'of your teams')) {
        if (line.state === 'wrong') expect([line.expected, line.change], line.part).not.toContain(undefined);
      }
    },
  );

  test('welcomes an expired JWT, and checks everything else in it', async () => {
    const world = await openStatedWorld();
    const past = nowSeconds(world) - 86_400;
    const times = { iat: past, exp: past + 600 };
    const good = await examine(world, await signJwt(world.pair, claimsOf(world, times)));
    expect([good.verdict, partsIn(good, 'note')]).toEqual(['accepted_if_fresh', ['exp']]);
    const other = await examine(
      world,
      await signJwt(world.pair, claimsOf(world, { ...times, aud: 'other' })),
    );
    expect([other.verdict, partsIn(other, 'wrong')]).toEqual(['refused', ['aud']]);
  });

  test('detects a changed JWT, and one that another key signed', async () => {
    const world = await openStatedWorld();
    const [header, , signature] = (await signJwt(world.pair, claimsOf(world))).split('.');
    const changed = `${header}.${encode(claimsOf(world, { jti: 'other' }))}.${signature}`;
    expect(partsIn(await examine(world, changed), 'wrong')).toEqual(['signature']);
    const rsa = await sharedSigningPair('RS256');
    const foreign = await signJwt(rsa, claimsOf(world), { kid: world.pair.kid });
    expect(partsIn(await examine(world, foreign), 'wrong')).toEqual(['signature']);
  });

  test('uses up no jti, notes no use, counts no exchange and logs nothing', async () => {
    const world = await openStatedWorld({ isSingleUse: true });
    const jwt = await signJwt(world.pair, claimsOf(world, { jti: 'once' }));
    const logged = world.log.text();
    for (const _ of [1, 2]) expect((await examine(world, jwt)).verdict).toBe('accepted');
    expect([world.uses, world.counted, world.log.text()]).toEqual([[], [], logged]);
    expect((await world.exchange(jwt)).status).toBe(200);
    const without = await signJwt(world.pair, claimsOf(world));
    expect(partsIn(await examine(world, without), 'wrong')).toEqual(['jti']);
  });

  test('shows an account whose subject differs in its form, and queues no message about it', async () => {
    const world = await openStatedWorld();
    const renamed = await signJwt(
      world.pair,
      claimsOf(world, { sub: 'repo:acme@1/models@2:ref:refs/heads/main' }),
    );
    const report = await examine(world, renamed);
    const subject = report.findings.find(({ part }) => part === 'sub');
    expect(subject).toMatchObject({
      problem: 'unknown_subject',
      similar: {
        name: world.account.name,
        teamName: 'ml-platform',
        subject: SUBJECT,
        difference: 'ids_added',
      },
    });
    expect(await world.store.listJobs({ kind: 'notification', includesDone: true, limit: 10 })).toEqual([]);
    const hidden = await examineJwt(world.ports, renamed, () => false);
    expect(hidden.findings.find(({ part }) => part === 'sub')).toEqual({
      part: 'sub',
      state: 'wrong',
      came: 'repo:acme@1/models@2:ref:refs/heads/main',
      problem: 'unknown_subject',
    });
  });

  test('names the account that the card of a near match is about, by the same rules', async () => {
    const world = await openStatedWorld();
    const registered = 'repo:globex/web:ref:refs/heads/main';
    const { name } = await world.addAccount(ISSUER, registered);
    await world.addAccount(ISSUER, 'repo:globex@1/api@2:ref:refs/heads/release');
    const similarTo = async (sub: string) => {
      const report = await examine(world, await signJwt(world.pair, claimsOf(world, { sub })));
      const found = report.findings.find(({ part }) => part === 'sub');
      return found && 'similar' in found && found.similar
        ? [found.similar.name, found.similar.difference]
        : undefined;
    };
    expect(await similarTo('repo:globex/web:environment:production')).toEqual([name, 'branch']);
    expect(await similarTo('repo:globex/site:ref:refs/heads/main')).toEqual([name, 'repository']);
    expect(await similarTo('repo:globex@1/web@3:ref:refs/heads/main')).toEqual([name, 'ids_added']);
    expect((await similarTo('repo:globex@9/api@2:ref:refs/heads/release'))?.[1]).toBe('other_ids');
    expect(await similarTo('repo:globex/site:pull_request')).toBeUndefined();
    expect(await similarTo('repo:other/web:ref:refs/heads/main')).toBeUndefined();
  });

  test('shows an account that the caller may not see as none', async () => {
    const world = await openStatedWorld();
    const known = await signJwt(world.pair, claimsOf(world));
    const unknown = await signJwt(world.pair, claimsOf(world, { sub: 'repo:acme/none' }));
    const of = async (jwt: string) => {
      const { findings } = await examineJwt(world.ports, jwt, () => false);
      const { came: _, ...finding } = findings.find(({ part }) => part === 'sub') as JwtFinding & {
        came: unknown;
      };
      return finding;
    };
    expect(await of(known)).toEqual(await of(unknown));
  });

  test('says that the keys of an issuer can’t be fetched, and is otherwise complete', async () => {
    const world = await openIssuerWorld();
    world.issuer.respondEverywhere = (_request, response) => void response.writeHead(500).end();
    const jwt = await jwtOf(world, world.issuer, world.pair);
    const report = await examine(world, jwt);
    expect(report.verdict).toBe('uncertain');
    expect(report.findings.filter(({ state }) => state !== 'ok')).toEqual([
      { part: 'signature', state: 'not_checked', keyId: world.pair.kid, problem: 'keys_unavailable' },
    ]);
  });

  test.each([
    ['the sandbox', true, 'https://ci.example.test', 'The sandbox connects only to this machine'],
    ['Keysmith', false, 'https://169.254.169.254', 'Keysmith isn’t allowed to connect to this issuer'],
  ])(
    'says that %s may not connect to an issuer, and never to try again',
    async (_who, isLoopbackOnly, url, said) => {
      const world = await openIssuerWorld();
      await world.register({ url });
      await world.addAccount(url);
      const documents = createIssuerDocuments({ allowInsecure: false, noProxy: undefined, isLoopbackOnly });
      const { logger } = collectLog();
      const { store, now } = world.ports;
      const monotonicMs = () => performance.now();
      const issuerKeys = createIssuerKeys({ store, documents, now, monotonicMs, logger });
      const jwt = await signJwt(world.pair, claimsOf(world, { iss: url }));
      const report = await examineJwt({ ...world.ports, issuerKeys }, jwt, () => true);
      expect(report.verdict).toBe('uncertain');
      const [line] = jwtLines(report, 'of your teams');
      expect(line).toMatchObject({ part: 'Signature', state: 'not_checked' });
      expect(line?.change).toContain(said);
      expect(line?.change).not.toContain('Try again');
    },
  );

  test.each([
    ['', 'empty'],
    ['hello', 'not_three_parts'],
    [`keysmith_${'a'.repeat(12)}-${'1'.repeat(40)}`, 'credential'],
    ['a.b.c.d.e', 'encrypted'],
    ['!.e30.e30', 'header_unreadable'],
    ['e30.!.e30', 'claims_unreadable'],
    [`e30.${encode('{"sub":"a","sub":"b"}')}.`, 'claims_unreadable'],
    ['e30.e30.!', 'signature_unreadable'],
    [`e30.${'a'.repeat(50_000)}.`, 'too_long'],
  ])('says why %j isn’t a JWT: %s', async (text, problem) => {
    const world = await openStatedWorld();
    const report = await examine(world, text);
    expect(report).toEqual({ verdict: 'refused', findings: [{ part: 'shape', state: 'wrong', problem }] });
    expect(jwtVerdictText(report)).toBe('Keysmith would refuse this JWT.');
    expect(JSON.stringify(jwtLines(report, 'of your teams'))).not.toContain('1111');
  });

  test('accepts what copying puts around a JWT, and says that spaces are inside', async () => {
    const world = await openStatedWorld();
    const jwt = await signJwt(world.pair, claimsOf(world));
    for (const text of [`\n ${jwt}\n`, `Bearer ${jwt}`, `"${jwt}"`]) {
      expect((await examine(world, text)).findings[0]).toEqual({ part: 'shape', state: 'ok' });
    }
    const wrapped = await examine(world, `${jwt.slice(0, 40)}\n${jwt.slice(40)}`);
    expect([wrapped.verdict, partsIn(wrapped, 'note')]).toEqual(['accepted', ['shape']]);
  });

  test('bounds each line, whatever the JWT contains', async () => {
    const world = await openStatedWorld();
    const long = `<!channel>\n\u0007${'😀'.repeat(2_000)}`;
    const claims = { iss: long, sub: long, aud: [long, long, long, long], jti: 5 };
    const jwt = `${encode({ alg: long, kid: long, typ: long })}.${encode(claims)}.`;
    for (const { came, expected = '', change = '' } of jwtLines(await examine(world, jwt), 'of your teams')) {
      expect([...came, ...expected, ...change].length).toBeLessThan(2_500);
      expect(came).not.toMatch(/\p{Cc}/u);
    }
  });
});
