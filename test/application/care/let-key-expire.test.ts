import { expect, test } from 'vitest';
import type { ExpiringKey } from '../../../src/application/care/care-store.ts';
import { letKeyExpire } from '../../../src/application/care/expiry-notices.ts';
import type { Ports } from '../../../src/application/ports/account-ports.ts';
import { plainAccount } from '../../slack/messages/plain-account.ts';
import { memberProfile } from '../../slack-profile.ts';

const [SLACK_USER_ID, EMAIL] = ['U0ADA00001', 'ada@acme.test'];
const KEY: ExpiringKey = {
  keyId: 'key_1',
  keyName: 'key-1',
  account: plainAccount(),
  expiresAtMs: 10,
  noticedDaysBefore: 14,
  isLetExpire: false,
  isDelivered: true,
  isBeingRotated: false,
};

/** Returns the outcome for a key that changes after the person's permission was checked. */
async function outcomeFor(current: ExpiringKey | undefined): Promise<string> {
  const reads = [KEY, current];
  const access = { teamName: 'ml-platform', role: 'admin', isOrganizationAdmin: false, subjects: [] };
  const ports = {
    now: () => 1,
    directory: {
      workspace: { workspaceId: 'T1', enterpriseId: undefined },
      profile: async () => memberProfile(SLACK_USER_ID, EMAIL),
    },
    backend: { teamAccess: async () => access },
    store: { expiringKey: async () => reads.shift(), letKeyExpire: async () => false },
  } as unknown as Ports;
  return (await letKeyExpire(ports, { slackUserId: SLACK_USER_ID, keyId: 'key_1', requestId: 'ks_1' })).kind;
}

test.each([
  ['was revoked meanwhile', undefined, 'not_found'],
  ['is being replaced since', { ...KEY, isBeingRotated: true }, 'being_rotated'],
  ['someone else let expire', { ...KEY, isLetExpire: true }, 'already_recorded'],
])('*Let it expire* says so for a key that %s', async (_what, current, kind) => {
  expect(await outcomeFor(current)).toBe(kind);
});
