import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StoredSigningKey } from '../../../../src/application/ports/authority-store.ts';
import type { Store } from '../../../../src/application/ports/store.ts';
import { type DesiredIssuer, toIssuer } from '../../../../src/domain/federation/issuer.ts';
import {
  auditEvent,
  DAY_MS,
  DESIRED,
  ISSUER,
  impossibleEvent,
  NOW_MS,
  type OpenStore,
  openWorld,
  type World,
} from '../world.ts';

const OTHER = 'https://gitlab.acme.internal';
const JWKS = { keys: [{ kty: 'OKP', crv: 'Ed25519', kid: 'k1', x: 'x'.repeat(43) }] };
const STATED: DesiredIssuer = {
  url: OTHER,
  isSingleUse: true,
  isPrivateNetwork: true,
  ca: '-----BEGIN CERTIFICATE-----\n…',
  jwks: JWKS,
  jwksUrl: 'https://keys.acme.test/jwks.json',
  maxLifetimeSeconds: 3600,
};

export function signingKey(number: number, keyId = `signing-${number}`): StoredSigningKey {
  return {
    purpose: 'access_token',
    number,
    keyId,
    sealed: `sealed-${number}`,
    publicJwk: { kty: 'OKP', crv: 'Ed25519', x: 'x'.repeat(43) },
    createdAtMs: NOW_MS,
    signsFromMs: NOW_MS + number * DAY_MS,
    signsUntilMs: NOW_MS + (number + 1) * DAY_MS,
    publishedUntilMs: NOW_MS + (number + 2) * DAY_MS,
  };
}

export function describeIssuers(openStore: OpenStore): void {
  let world: World;
  const open = async () => {
    world = await openWorld(openStore);
  };
  const apply = (...issuers: DesiredIssuer[]) =>
    world.store.applyOrganization({ ...DESIRED, issuers }, NOW_MS);
  const issuer = (url: string) => world.store.issuer(url);
  const keySet = (url: string) => world.store.issuerKeySet(url);
  const keep = (of: string | DesiredIssuer, kid: string, fetchedAtMs = NOW_MS) => {
    const issuer = toIssuer(typeof of === 'string' ? { url: of } : of);
    return world.store.saveIssuerKeySet({ issuer, jwks: set(kid), fetchedAtMs });
  };
  const set = (kid: string) => ({ keys: [{ kty: 'RSA', kid, n: 'n', e: 'AQAB' }] });

  describe('an issuer of the teams file', () => {
    beforeEach(open);
    afterEach(() => world.close());

    it('has the options of the current file and none of the previous one', async () => {
      expect(await issuer(ISSUER)).toEqual(toIssuer({ url: ISSUER }));
      for (const url of [`${ISSUER}/`, ISSUER.toUpperCase(), '', OTHER]) {
        expect(await issuer(url)).toBeUndefined();
      }
      await apply({ url: ISSUER }, STATED);
      expect(await issuer(OTHER)).toEqual(STATED);
      expect(await apply({ url: ISSUER }, STATED)).toEqual({ changes: 0 });

      await apply({ url: ISSUER }, { url: OTHER, isPrivateNetwork: true });
      expect(await issuer(OTHER)).toEqual(toIssuer({ url: OTHER, isPrivateNetwork: true }));
      await apply();
      expect([await issuer(OTHER), await issuer(ISSUER)]).toEqual([undefined, undefined]);
      await apply(STATED);
      expect(await issuer(OTHER)).toEqual(STATED);

      const records = await world.store.auditRecords();
      const ofOther = records.filter(({ subject }) => subject === `issuer:${OTHER}`);
      expect(ofOther.map(({ action }) => action)).toEqual([
        'issuer.added',
        'issuer.changed',
        'issuer.removed',
        'issuer.added',
      ]);
      expect(JSON.stringify(ofOther)).not.toContain('CERTIFICATE');
    });

    it('is listed in the order of the file, which can change without an audit event', async () => {
      const urls = ['https://b.test', 'https://a.test', 'https://c.test'];
      await apply(...urls.map((url) => ({ url })));
      expect(await world.store.issuers()).toEqual(urls);
      const recorded = (await world.store.auditRecords()).length;

      const reordered = ['https://c.test', 'https://b.test', 'https://a.test'];
      expect(await apply(...reordered.map((url) => ({ url })))).toEqual({ changes: 0 });
      expect(await world.store.issuers()).toEqual(reordered);
      expect(await world.store.auditRecords()).toHaveLength(recorded);

      await apply({ url: 'https://z.test' }, { url: 'https://a.test' });
      expect(await world.store.issuers()).toEqual(['https://z.test', 'https://a.test']);
    });

    it('keeps the last valid keys until the issuer is changed or removed', async () => {
      await apply({ url: ISSUER }, { url: OTHER });
      expect(await keySet(ISSUER)).toBeUndefined();
      await keep(ISSUER, 'first');
      await keep(OTHER, 'other');
      await keep(ISSUER, 'second', NOW_MS + 1);
      expect(await keySet(ISSUER)).toEqual({ jwks: set('second'), fetchedAtMs: NOW_MS + 1 });

      // A new longest lifetime of JWTs, such as another default, says nothing about the keys.
      await apply({ url: ISSUER, maxLifetimeSeconds: 3600 }, { url: OTHER });
      expect(await keySet(ISSUER)).toMatchObject({ jwks: set('second') });

      await apply({ url: ISSUER, isSingleUse: true }, { url: OTHER });
      expect(await keySet(ISSUER)).toBeUndefined();
      expect(await keySet(OTHER)).toEqual({ jwks: set('other'), fetchedAtMs: NOW_MS });

      await apply({ url: ISSUER, isSingleUse: true });
      // A fetch may end after the issuer was removed.
      await keep(OTHER, 'late');
      await keep('https://unknown.test', 'none');
      await apply({ url: ISSUER, isSingleUse: true }, { url: OTHER });
      expect([await keySet(OTHER), await keySet('https://unknown.test')]).toEqual([undefined, undefined]);

      // A fetch may also end after the issuer's key-fetching rules changed.
      const fetched = { url: OTHER, isPrivateNetwork: true, ca: 'PEM' };
      for (const changed of [
        { ...fetched, ca: 'other' },
        { url: OTHER, ca: 'PEM' },
        { ...fetched, jwks: JWKS },
        { ...fetched, jwksUrl: 'https://keys.acme.test/jwks.json' },
      ]) {
        await apply(changed);
        await keep(fetched, 'late');
        expect(await keySet(OTHER)).toBeUndefined();
      }
      await apply({ ...fetched, isSingleUse: true });
      await keep(fetched, 'good');
      expect(await keySet(OTHER)).toMatchObject({ jwks: set('good') });
    });

    it('accepts each jti once until it expires, however long it is', async () => {
      await apply({ url: ISSUER }, { url: OTHER });
      const use = (tokenId: string, over: { issuer?: string; expiresAtMs?: number; nowMs?: number } = {}) =>
        world.store.useAssertionOnce({
          issuer: ISSUER,
          tokenId,
          expiresAtMs: NOW_MS + 10,
          nowMs: NOW_MS,
          ...over,
        });
      expect([await use('a'), await use('a'), await use('A'), await use('')]).toEqual([
        true,
        false,
        true,
        true,
      ]);
      expect(await use('a', { issuer: OTHER })).toBe(true);
      const long = 'ü'.repeat(500_000);
      expect([await use(`${long}1`), await use(`${long}2`), await use(`${long}1`)]).toEqual([
        true,
        true,
        false,
      ]);

      const replicas = [world.store, await world.another(), await world.another()];
      const race = { issuer: ISSUER, tokenId: 'race', expiresAtMs: NOW_MS + 10, nowMs: NOW_MS };
      const uses = await Promise.all(replicas.map((store) => store.useAssertionOnce(race)));
      expect(uses.filter((isFirst) => isFirst)).toHaveLength(1);

      expect(await use('a', { expiresAtMs: NOW_MS + 99, nowMs: NOW_MS + 9 })).toBe(false);
      // Expired assertions are deleted. Verification refuses an expired JWT before it gets here.
      expect(await use('a', { expiresAtMs: NOW_MS + 99, nowMs: NOW_MS + 10 })).toBe(true);
      expect(await use('a', { expiresAtMs: NOW_MS + 99, nowMs: NOW_MS + 11 })).toBe(false);
    });
  });

  describe('the signing keys of access tokens', () => {
    beforeEach(open);
    afterEach(() => world.close());

    it('are created and recorded once, returned in order and deleted when they need no longer be published', async () => {
      const { store } = world;
      const insert = (key: StoredSigningKey) =>
        store.insertSigningKey(key, auditEvent('signing_key.created', { key: key.keyId }));
      expect(await store.signingKeys('access_token')).toEqual([]);
      expect(await insert(signingKey(2))).toBe(true);
      const raced = await Promise.all(
        [store, await world.another(), await world.another()].map((replica, index) =>
          replica.insertSigningKey(signingKey(1, `racer-${index}`), auditEvent('signing_key.created')),
        ),
      );
      expect(raced.filter((isInserted) => isInserted)).toHaveLength(1);
      expect(await insert(signingKey(2, 'late'))).toBe(false);
      const winner = signingKey(1, `racer-${raced.indexOf(true)}`);
      expect(await store.signingKeys('access_token')).toEqual([winner, signingKey(2)]);

      const recorded = async () => {
        const records = await store.auditRecords();
        return records
          .filter(({ action }) => action.startsWith('signing_key.'))
          .map(({ details }) => details);
      };
      const before = await recorded();
      expect(before).toHaveLength(2);

      const forget = (nowMs: number, one: Store = store, eventOf = auditEvent, signingNumber = 2) =>
        one.deleteRetiredSigningKeys({ purpose: 'access_token', nowMs, signingNumber }, ({ keyId, number }) =>
          eventOf('signing_key.retired', { keyId, number }),
        );
      await forget(winner.publishedUntilMs - 1);
      expect(await store.signingKeys('access_token')).toHaveLength(2);
      // Its successor isn't published long enough yet.
      await forget(winner.publishedUntilMs, store, auditEvent, 1);
      expect(await store.signingKeys('access_token')).toHaveLength(2);
      // The deletion and its audit event are one transaction.
      await expect(forget(winner.publishedUntilMs, store, impossibleEvent)).rejects.toThrow();
      expect(await store.signingKeys('access_token')).toHaveLength(2);
      await Promise.all([store, await world.another()].map((one) => forget(winner.publishedUntilMs, one)));
      expect(await store.signingKeys('access_token')).toEqual([signingKey(2)]);
      expect(await recorded()).toEqual([...before, { keyId: winner.keyId, number: 1 }]);
    });

    it('are separate for each purpose', async () => {
      const { store } = world;
      const federation: StoredSigningKey = { ...signingKey(1, 'federation-1'), purpose: 'federation' };
      await store.insertSigningKey(signingKey(1), auditEvent('signing_key.created'));
      expect(await store.insertSigningKey(federation, auditEvent('signing_key.created'))).toBe(true);

      expect(await store.signingKeys('federation')).toEqual([federation]);
      expect(await store.signingKeys('access_token')).toEqual([signingKey(1)]);
      const retired = {
        purpose: 'federation',
        nowMs: federation.publishedUntilMs,
        signingNumber: 2,
      } as const;
      await store.deleteRetiredSigningKeys(retired, () => auditEvent('signing_key.retired'));
      expect(await store.signingKeys('federation')).toEqual([]);
      expect(await store.signingKeys('access_token')).toEqual([signingKey(1)]);
    });
  });
}
