import { expect, test } from 'vitest';
import { startWorkspace } from '../../../world/running-workspace.ts';
import { createFirst, keyRow, openRotateForm, statusOf } from '../../keys/rotating.ts';
import { sentKeys } from '../key-delivery.ts';
import { serveFromProcess } from './replica.ts';

const LEASE_MS = 60_000;
const DAY_MS = 24 * 60 * 60_000;

test('A process that is killed while it rotates keys, before or after Slack posted the new one, leaves the old ones alone; each person collects one new key', async () => {
  const workspace = await startWorkspace();
  try {
    const people = [workspace.slack.as('Ada'), workspace.slack.as('Cy')] as const;
    const [ada, cy] = people;
    const old = {
      unposted: await createFirst(workspace, ada, 'unposted'),
      posted: await createFirst(workspace, cy, 'posted'),
    };
    const own = { unposted: expiryOf(old.unposted.keyId), posted: expiryOf(old.posted.keyId) };
    const replica = await serveFromProcess(workspace);
    const sent = sentKeys(workspace).length;
    await openRotateForm(ada, 'unposted');
    await openRotateForm(cy, 'posted');
    for (const [index, afterEffect] of [false, true].entries()) {
      workspace.slack.failures.set('response_url', { kind: 'timeout', afterEffect }, { times: 1 });
      void people[index]?.submit();
      await expect.poll(() => sentKeys(workspace).length).toBe(sent + index + 1);
    }
    await replica.kill();

    await workspace.restartKeysmith();
    await workspace.keysmith.settle();
    workspace.clock.advance(LEASE_MS + 1_000);
    await workspace.restartKeysmith();
    await workspace.keysmith.settle();
    expect(liveKeys('unposted')).toEqual([old.unposted.keyId]);
    expect(liveKeys('posted')).toEqual([old.posted.keyId]);
    expect([expiryOf(old.unposted.keyId), expiryOf(old.posted.keyId)]).toEqual([own.unposted, own.posted]);
    expect([await statusOf(workspace, old.unposted), await statusOf(workspace, old.posted)]).toEqual([
      200, 200,
    ]);
    for (const [person, { keyId }] of [
      [ada, old.unposted],
      [cy, old.posted],
    ] as const) {
      const offer = await person.waitForMessage('Keysmith', 'reached you, so Keysmith revoked it');
      await person.click(offer, 'Collect key');
      await person.waitForMessage('Keysmith', 'Collected the key');
      expect(Math.round((expiryOf(keyId) - workspace.clock.nowMs) / DAY_MS)).toBe(7);
      expect(await statusOf(workspace, keyId === old.posted.keyId ? old.posted : old.unposted)).toBe(200);
    }
    expect(workspace.rows("select 1 from rotations where state = 'open'")).toHaveLength(2);
    expect(liveKeys('unposted')).toHaveLength(2);
    expect(liveKeys('posted')).toHaveLength(2);
    for (const person of people) await person.waitForMessage('Keysmith', 'Both work');
  } finally {
    await workspace.stop();
  }

  function expiryOf(keyId: string): number {
    return keyRow(workspace, keyId)?.expiresAtMs ?? 0;
  }
  function liveKeys(name: string): string[] {
    return workspace
      .rows<{ id: string }>(
        'select k.key_id as id from api_keys k join service_accounts a on a.id = k.account_id where a.name = ? and k.revoked_at_ms is null',
        name,
      )
      .map(({ id }) => id);
  }
});
