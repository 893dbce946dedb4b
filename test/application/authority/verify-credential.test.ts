import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { verifyCredential } from '../../../src/application/authority/verify-credential.ts';
import { drawApiKey, formatApiKey } from '../../../src/domain/keys/api-key.ts';
import { Secret } from '../../../src/domain/keys/secret.ts';
import { DAY_MS, DESIRED, federatedAccount, settlement, withoutTeam } from '../../store/contract/world.ts';
import { addKey, type CredentialWorld, openCredentialWorld, revoke } from '../../world/credential-world.ts';

const from = { address: '203.0.113.9', userAgent: 'wandb/0.26.1' };

async function outcome({ ports }: CredentialWorld, credential: string) {
  const result = await verifyCredential(ports, new Secret(credential), from);
  return result.ok ? 'ok' : result.reason;
}

const otherSecret = (key: string) =>
  formatApiKey({ keyId: key.slice(9, 21), secret: drawApiKey(crypto.randomBytes).secret });

const unknownKey = () => formatApiKey(drawApiKey(crypto.randomBytes));

describe('An API key', () => {
  test('is valid until it expires, and identifies its account', async () => {
    const world = await openCredentialWorld();
    const { key, keyId, account } = await addKey(world);

    const result = await verifyCredential(world.ports, new Secret(key), from);

    expect(result).toEqual({
      ok: true,
      verified: {
        account,
        credential: {
          kind: 'api_key',
          keyId,
          createdAtMs: account.createdAtMs,
          expiresAtMs: account.createdAtMs + 90 * DAY_MS,
        },
      },
    });
    world.clock.nowMs = account.createdAtMs + 90 * DAY_MS - 1;
    expect(await outcome(world, key)).toBe('ok');
    world.clock.nowMs += 1;
    expect(await outcome(world, key)).toBe('key_expired');
    expect(world.counted).toEqual(['ok', 'ok', 'key_expired']);
  });

  test('is rejected from the next request on, once it or its account is revoked or its team archived', async () => {
    const world = await openCredentialWorld();
    const { store } = world;
    const byKey = await addKey(world, { isDelivered: false });
    const [byAccount, byTeam] = [await addKey(world), await addKey(world)];
    for (const { key } of [byAccount, byTeam]) expect(await outcome(world, key)).toBe('ok');

    await store.settleDelivery(settlement(byKey.deliveryId, 'rejected'));
    await revoke(world, byAccount.account.id);
    expect(await outcome(world, byKey.key)).toBe('key_revoked');
    expect(await outcome(world, byAccount.key)).toBe('account_revoked');
    expect(await outcome(world, byTeam.key)).toBe('ok');

    await store.applyOrganization(withoutTeam('ml-platform'), world.clock.nowMs);
    expect(await outcome(world, byTeam.key)).toBe('team_archived');
    await store.applyOrganization(DESIRED, world.clock.nowMs);
    expect(await outcome(world, byTeam.key)).toBe('ok');
  });

  test('is rejected while its delivery is open, whatever the clock does, and valid once it was delivered', async () => {
    const world = await openCredentialWorld();
    const { key, deliveryId } = await addKey(world, { isDelivered: false });
    const { nowMs } = world.clock;
    for (const elsewhereMs of [nowMs, nowMs + 90_000, nowMs - DAY_MS, nowMs + 400 * DAY_MS]) {
      world.clock.nowMs = elsewhereMs;
      expect(await outcome(world, key)).toBe('key_not_delivered');
    }
    expect(world.ports.lastUses.waiting).toBe(0);

    world.clock.nowMs = nowMs + 90_000;
    await (await world.another()).settleDelivery(settlement(deliveryId, 'accepted', world.clock.nowMs));
    expect(await outcome(world, key)).toBe('ok');
  });

  test('without a record of its delivery is valid, because keys of old backups have none', async () => {
    const world = await openCredentialWorld();
    const { key, keyId } = await addKey(world, { isDelivered: false });
    world.client.prepare('delete from deliveries where key_id = ?').run(keyId);

    expect(await outcome(world, key)).toBe('ok');
  });

  test('whose outcome can’t be recorded because the database can’t be written is rejected until it can', async () => {
    const world = await openCredentialWorld();
    const { key, deliveryId } = await addKey(world, { isDelivered: false });
    world.client.pragma('query_only = ON');

    const settled = world.store.settleDelivery(settlement(deliveryId, 'unknown'));
    await expect(settled).rejects.toThrow('read_only');
    expect(await outcome(world, key)).toBe('key_not_delivered');

    world.client.pragma('query_only = OFF');
    await world.store.settleDelivery(settlement(deliveryId, 'unknown'));
    expect(await outcome(world, key)).toBe('key_revoked');
  });

  test('of an organization account is rejected while its default team is archived', async () => {
    const world = await openCredentialWorld();
    const { key } = await addKey(world, { scope: 'organization' });
    expect(await outcome(world, key)).toBe('ok');

    await world.store.applyOrganization(withoutTeam('ml-platform'), world.clock.nowMs);

    expect(await outcome(world, key)).toBe('team_archived');
  });

  test('reveals nothing but a wrong secret to a caller with a wrong secret', async () => {
    const world = await openCredentialWorld();
    const { key, account } = await addKey(world);
    await revoke(world, account.id);

    expect(await outcome(world, otherSecret(key))).toBe('wrong_secret');
  });

  test('under an unknown pepper is rejected and logged', async () => {
    const world = await openCredentialWorld();
    await world.store.insertSealedPepper(2, 'sealed-2', world.clock.nowMs);
    const { key, keyId } = await addKey(world, { pepperVersion: 2 });

    expect(await outcome(world, key)).toBe('wrong_secret');

    expect(world.log.lines).toContainEqual(
      expect.objectContaining({ level: 50, keyId, pepperVersion: 2, msg: expect.stringContaining('pepper') }),
    );
  });
});

describe('Text that isn’t an API key', () => {
  test('never reaches the database, because shape and checksum are checked first', async () => {
    const world = await openCredentialWorld();
    const { key } = await addKey(world);
    const [start, end] = [key.slice(0, -1), key.at(-1)];
    world.storeCalls.length = 0;
    const junk = [
      '',
      ' ',
      `${start}${end === '0' ? '1' : '0'}`,
      `${key} `,
      `${key}\n`,
      key.toUpperCase(),
      key.slice(0, -1),
      key.replace('-', '_'),
      'a.b',
      'é'.repeat(40),
      'x'.repeat(1_000_000),
    ];
    for (const text of junk) expect(await outcome(world, text)).toBe('malformed');

    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), fc.string({ unit: 'binary-ascii' })), async (text) => {
        expect(await outcome(world, text)).not.toBe('ok');
      }),
    );
    expect(world.storeCalls).toEqual([]);
    expect(world.ports.lastUses.waiting).toBe(0);
  });
});

describe('The time of a verification', () => {
  afterEach(() => {
    vi.restoreAllMocks();
    syncBuiltinESMExports();
  });

  test('is the same for an unknown key ID and a wrong secret: one lookup, one HMAC, one comparison', async () => {
    const world = await openCredentialWorld();
    const { key, account } = await addKey(world);
    const revoked = await addKey(world);
    await revoke(world, revoked.account.id);
    const digests = vi.spyOn(crypto.Hmac.prototype, 'digest');
    const comparisons = vi.spyOn(crypto, 'timingSafeEqual');
    syncBuiltinESMExports();
    const work = async (credential: string) => {
      world.storeCalls.length = 0;
      digests.mockClear();
      comparisons.mockClear();
      const reported = await outcome(world, credential);
      const lengths = comparisons.mock.calls.map(([one, other]) => [one.byteLength, other.byteLength]);
      return { reported, asked: [...world.storeCalls], digests: digests.mock.calls.length, lengths };
    };
    const same = { asked: ['findApiKey'], digests: 1, lengths: [[64, 64]] };

    expect(await work(unknownKey())).toEqual({ reported: 'unknown_key', ...same });
    expect(await work(otherSecret(key))).toEqual({ reported: 'wrong_secret', ...same });
    expect(await work(otherSecret(revoked.key))).toEqual({ reported: 'wrong_secret', ...same });
    expect(await work(key)).toEqual({ reported: 'ok', ...same });
    expect(account.state).toBe('active');
  });
});

describe('An access token', () => {
  test('is valid while its account is active', async () => {
    const world = await openCredentialWorld();
    const { account } = await addKey(world);
    const { token } = await world.ports.accessTokens.issue(account);

    const result = await verifyCredential(world.ports, token, from);

    expect(result).toMatchObject({
      ok: true,
      verified: {
        account,
        credential: { kind: 'access_token', expiresAtMs: world.clock.nowMs + DAY_MS / 24 },
      },
    });
    await revoke(world, account.id);
    expect(await outcome(world, token.reveal())).toBe('account_revoked');
  });

  test('is rejected if it expired, was modified, or its account is unknown or in an archived team', async () => {
    const world = await openCredentialWorld();
    const { account } = await addKey(world);
    const token = (await world.ports.accessTokens.issue(account)).token.reveal();
    const nobodys = (await world.ports.accessTokens.issue({ ...account, id: 'sa_nobody' })).token.reveal();

    expect(await outcome(world, nobodys)).toBe('account_unknown');
    expect(await outcome(world, `${token.slice(0, -4)}AAAA`)).toBe('bad_signature');
    expect(await outcome(world, 'a.b.c')).toBe('malformed');
    await world.store.applyOrganization(withoutTeam('ml-platform'), world.clock.nowMs);
    expect(await outcome(world, token)).toBe('team_archived');
    world.clock.nowMs += DAY_MS;
    expect(await outcome(world, token)).toBe('token_expired');
  });

  test('of a federated account is rejected while its issuer isn’t in the teams file', async () => {
    const world = await openCredentialWorld();
    const { organizationId, store, mlPlatform } = world;
    const made = federatedAccount(organizationId, mlPlatform, 'repo:acme/web');
    await store.insertAccount(made);
    const token = (await world.ports.accessTokens.issue(made.account)).token.reveal();
    expect(await outcome(world, token)).toBe('ok');

    await store.applyOrganization({ ...DESIRED, issuers: [] }, world.clock.nowMs);
    expect(await outcome(world, token)).toBe('issuer_removed');
    await store.applyOrganization(DESIRED, world.clock.nowMs);
    expect(await outcome(world, token)).toBe('ok');
  });
});

describe('A use of a credential', () => {
  test('is noted only for a valid credential', async () => {
    const world = await openCredentialWorld();
    const { key, account } = await addKey(world);
    const { token } = await world.ports.accessTokens.issue(account);

    await outcome(world, otherSecret(key));
    await outcome(world, unknownKey());
    await verifyCredential(world.ports, new Secret(key), undefined);
    expect(world.ports.lastUses.waiting).toBe(0);

    await outcome(world, key);
    await outcome(world, key);
    await verifyCredential(world.ports, token, from);
    expect(world.ports.lastUses.waiting).toBe(2);
    expect(world.storeCalls).not.toContain('recordUses');
    await world.ports.lastUses.flush();
    expect(world.storeCalls.filter((method) => method === 'recordUses')).toHaveLength(1);
  });
});
