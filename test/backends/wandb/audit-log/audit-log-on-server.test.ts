import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import {
  auditLogDay,
  createAuditLogClient,
} from '../../../../src/backends/wandb/audit-log/audit-log-client.ts';
import { Secret } from '../../../../src/domain/keys/secret.ts';
import type { Capabilities } from '../../../../src/sandbox/wandb/capabilities.ts';
import { account, createServiceAccount, dataOf, startWandb } from '../../../sandbox/wandb/wandb-calls.ts';

async function startLog(capabilities: Partial<Capabilities>) {
  const wandb = await startWandb({ caller: 'organization_service_account', capabilities });
  const log = createAuditLogClient({
    baseUrl: wandb.baseUrl,
    apiKey: new Secret(wandb.apiKey),
    fetch,
    now: Date.now,
    monotonicMs: () => performance.now(),
    random: Math.random,
    logger: pino({ level: 'silent' }),
  });
  return { wandb, log, today: { day: auditLogDay(Date.now()) } };
}

describe('the audit log of a W&B server', () => {
  it('shows, page by page, who created a service account', async () => {
    const { wandb, log, today } = await startLog({ auditLog: 'on' });
    await dataOf(wandb, createServiceAccount, account());
    const first = await log.read(today, { limit: 1 });
    if (!first.ok || first.value.next === undefined) throw new Error('The log has one page.');
    const second = await log.read(first.value.next, { limit: 100 });
    const entries = [...first.value.entries, ...(second.ok ? second.value.entries : [])];
    expect(entries).toContainEqual(
      expect.objectContaining({
        action: 'team:create_service_account',
        actorId: wandb.state.person('keysmith')?.id,
        entityName: 'ml-platform',
        userId: expect.any(String),
      }),
    );
    expect(new Set(entries.map(({ id }) => id)).size).toBe(entries.length);
  });

  it.each([
    ['forbidden', 'forbidden'],
    ['off', 'not_found'],
  ] as const)('fails when the server has it %s', async (auditLog, reason) => {
    const { log, today } = await startLog({ auditLog });
    expect(await log.read(today)).toMatchObject({ ok: false, failure: { reason } });
  });
});
