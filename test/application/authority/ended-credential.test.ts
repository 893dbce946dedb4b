import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { verifyCredential } from '../../../src/application/authority/verify-credential.ts';
import { drawApiKey, formatApiKey } from '../../../src/domain/keys/api-key.ts';
import { Secret } from '../../../src/domain/keys/secret.ts';
import { DAY_MS, settlement, withoutTeam } from '../../store/contract/world.ts';
import { addKey, type CredentialWorld, openCredentialWorld, revoke } from '../../world/credential-world.ts';

async function genuine({ ports }: CredentialWorld, credential: string | Secret) {
  const secret = typeof credential === 'string' ? new Secret(credential) : credential;
  const result = await verifyCredential(ports, secret, undefined);
  return result.ok ? 'ok' : { reason: result.reason, genuine: result.genuine };
}

const otherSecret = (keyId: string) => formatApiKey({ keyId, secret: drawApiKey(randomBytes).secret });

describe('A rejected credential that was valid once', () => {
  test('names its account and when it ended: revoked or expired, whichever came first', async () => {
    const world = await openCredentialWorld();
    const { clock } = world;
    const { key, keyId, account } = await addKey(world);
    const expiring = await addKey(world);
    const revokedAtMs = clock.nowMs + 5;
    clock.nowMs = revokedAtMs;
    await revoke(world, account.id);
    clock.nowMs += 7;

    const ended = { accountId: account.id, keyId, endedAtMs: revokedAtMs };
    const revoked = { ...account, state: 'revoked', revokedAtMs };
    expect(await genuine(world, key)).toEqual({
      reason: 'account_revoked',
      genuine: { ...ended, account: revoked },
    });
    clock.nowMs = revokedAtMs - DAY_MS;
    expect(await genuine(world, key)).toMatchObject({ genuine: ended });
    clock.nowMs = account.createdAtMs + 91 * DAY_MS;
    expect(await genuine(world, key)).toMatchObject({ reason: 'account_revoked', genuine: ended });

    const expiresAtMs = expiring.account.createdAtMs + 90 * DAY_MS;
    const expired = { accountId: expiring.account.id, keyId: expiring.keyId, endedAtMs: expiresAtMs };
    expect(await genuine(world, expiring.key)).toMatchObject({ reason: 'key_expired', genuine: expired });
    await revoke(world, expiring.account.id);
    expect(await genuine(world, expiring.key)).toMatchObject({ reason: 'account_revoked', genuine: expired });
  });

  test('isn’t one with a wrong secret, an open or failed delivery, or only its team archived', async () => {
    const world = await openCredentialWorld();
    const { store, clock } = world;
    const [right, archived] = [await addKey(world), await addKey(world)];
    const [sending, failed] = [
      await addKey(world, { isDelivered: false }),
      await addKey(world, { isDelivered: false }),
    ];
    await store.settleDelivery(settlement(failed.deliveryId, 'unknown'));
    expect(await genuine(world, failed.key)).toEqual({ reason: 'key_revoked', genuine: undefined });
    for (const { account } of [right, sending, failed]) await revoke(world, account.id);

    const none = { reason: 'account_revoked', genuine: undefined };
    expect(await genuine(world, otherSecret(right.keyId))).toEqual({ ...none, reason: 'wrong_secret' });
    expect(await genuine(world, sending.key)).toEqual(none);
    expect(await genuine(world, failed.key)).toEqual(none);
    await store.applyOrganization(withoutTeam('ml-platform'), clock.nowMs);
    expect(await genuine(world, archived.key)).toEqual({ ...none, reason: 'team_archived' });
    const keyId = right.keyId;
    expect(await genuine(world, right.key)).toMatchObject({ reason: 'account_revoked', genuine: { keyId } });
  });

  test('is an access token only once its account is revoked, because a workload renews one that expires', async () => {
    const world = await openCredentialWorld();
    const { clock } = world;
    const { account } = await addKey(world);
    const { token } = await world.ports.accessTokens.issue(account);
    const modified = `${token.reveal().slice(0, -4)}AAAA`;
    const { nowMs } = clock;
    clock.nowMs += DAY_MS;
    expect(await genuine(world, token)).toEqual({ reason: 'token_expired', genuine: undefined });

    await revoke(world, account.id);
    const ended = { accountId: account.id, keyId: undefined, endedAtMs: clock.nowMs };
    expect(await genuine(world, token)).toMatchObject({ reason: 'token_expired', genuine: ended });
    expect(await genuine(world, modified)).toEqual({ reason: 'bad_signature', genuine: undefined });
    clock.nowMs = nowMs;
    expect(await genuine(world, token)).toMatchObject({ reason: 'account_revoked', genuine: ended });
  });
});
