import { describe, expect, it } from 'vitest';
import { basicOf } from '../scim/scim-calls.ts';
import { readAuditLog, startWithAuditLog } from './audit-calls.ts';

/** Starts a server with entries at midnight of three days and at 14:30 of the last. */
async function startWithThreeDays() {
  let nowMs = Date.parse('2026-08-01T00:00:00Z');
  const wandb = await startWithAuditLog({}, { now: () => nowMs });
  for (const time of [
    '2026-08-01T00:00:00Z',
    '2026-08-02T00:00:00Z',
    '2026-08-03T00:00:00Z',
    '2026-08-03T14:30:00Z',
  ]) {
    nowMs = Date.parse(time);
    wandb.setActive('eve', false);
  }
  return wandb;
}

describe('the route of the audit log of the local W&B', () => {
  it.each([
    ['today by default', { limit: '9' }, '2026-08-03T00:00:00Z', '2026-08-04T00:00:00Z', 2],
    ['days before today', { limit: '9', numDays: '1' }, '2026-08-02T00:00:00Z', '2026-08-04T00:00:00Z', 3],
    ['one day', { limit: '9', startDate: '2026-08-01' }, '2026-08-01T00:00:00Z', '2026-08-02T00:00:00Z', 1],
    [
      'the days after the first',
      { limit: '9', startDate: '2026-08-01', numDays: '1' },
      '2026-08-01T00:00:00Z',
      '2026-08-03T00:00:00Z',
      2,
    ],
    [
      'from a time up to another, which isn’t included',
      { startDate: '2026-08-02T00', endDate: '2026-08-03T14:30' },
      '2026-08-02T00:00:00Z',
      '2026-08-03T14:30:00Z',
      2,
    ],
    [
      'from seconds on',
      { startDate: '2026-08-03T14:29:59', endDate: '2026-08-03T14:30:01' },
      '2026-08-03T14:29:59Z',
      '2026-08-03T14:30:01Z',
      1,
    ],
  ])('returns %s', async (_what, parameters, range_start_time, range_end_time, count) => {
    const wandb = await startWithThreeDays();
    const { status, json } = await readAuditLog(wandb, { parameters });
    expect(status).toBe(200);
    expect(json).toMatchObject({ range_start_time, range_end_time, count, next_cursor: null });
    expect(json.audit_logs).toHaveLength(count);
  });

  it('returns pages, and a cursor that is valid for one range', async () => {
    const wandb = await startWithThreeDays();
    const parameters = { startDate: '2026-08-01', numDays: '2', limit: '3' };
    const first = (await readAuditLog(wandb, { parameters })).json;
    expect(first.count).toBe(3);
    const cursor = first.next_cursor;
    const second = (await readAuditLog(wandb, { parameters: { ...parameters, cursor } })).json;
    expect(second).toMatchObject({ count: 1, next_cursor: null });
    expect(second.audit_logs[0].timestamp).toBe('2026-08-03T14:30:00Z');
    const otherRange = { ...parameters, startDate: '2026-08-02', cursor };
    expect((await readAuditLog(wandb, { parameters: otherRange })).status).toBe(400);
  });

  it('returns lines of JSON without limit and endDate, but not under the path of the cloud', async () => {
    const wandb = await startWithThreeDays();
    const { text, json } = await readAuditLog(wandb, { parameters: {} });
    expect(json).toBeUndefined();
    expect(
      text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).action),
    ).toEqual(['user:deactivate', 'user:deactivate']);
    expect((await readAuditLog(wandb, { parameters: {}, path: '/audit_logs' })).json).toMatchObject({
      count: 2,
    });
  });

  it('returns only lines on older servers, which count days back from the first', async () => {
    const wandb = await startWithThreeDays();
    wandb.switch('auditLog', 'lines');
    const lines = async (parameters: Record<string, string>) =>
      (await readAuditLog(wandb, { parameters })).text.split('\n').length - 1;
    expect(await lines({ limit: '1' })).toBe(2);
    expect(await lines({ startDate: '2026-08-02', numDays: '1', limit: '1' })).toBe(2);
    expect(await lines({ startDate: '2026-08-01', numDays: '1' })).toBe(1);
    expect((await readAuditLog(wandb, { parameters: { startDate: '2026-08-01T12' } })).status).toBe(400);
  });

  it.each([
    ['a day that isn’t one', { startDate: '2026-08-41', limit: '1' }],
    ['a time zone', { startDate: '2026-08-01T00:00:00Z', limit: '1' }],
    ['a negative number of days', { numDays: '-1', limit: '1' }],
    ['no limit', { limit: '0' }],
    ['a limit above 20,000', { limit: '20001' }],
    ['both endDate and numDays', { endDate: '2026-08-02', numDays: '1' }],
    ['a cursor alone', { cursor: 'x' }],
    ['a made-up cursor', { cursor: 'x', limit: '1' }],
  ])('refuses %s', async (_what, parameters) => {
    const wandb = await startWithAuditLog();
    expect((await readAuditLog(wandb, { parameters })).status).toBe(400);
  });

  it('takes whole days and at most 7 of them under the path of the cloud', async () => {
    const wandb = await startWithAuditLog();
    const status = async (parameters: Record<string, string>) =>
      (await readAuditLog(wandb, { parameters, path: '/audit_logs' })).status;
    expect(await status({ startDate: '2026-08-01', numDays: '7' })).toBe(200);
    expect(await status({ numDays: '8' })).toBe(400);
    expect(await status({ startDate: '2026-08-01T12' })).toBe(400);
    expect(await status({ endDate: '2026-08-02' })).toBe(400);
  });

  it('is for admins and admin service accounts of the organization, and can be missing or forbidden', async () => {
    const wandb = await startWithAuditLog({}, { caller: 'organization_service_account' });
    const as = async (authorization: string | null) => (await readAuditLog(wandb, { authorization })).status;
    const cy = basicOf('cy', wandb.keyOf('cy'));
    expect(await as(cy)).toBe(200);
    expect(await as(basicOf('', wandb.apiKey))).toBe(200);
    expect(await as(`Bearer ${wandb.apiKey}`)).toBe(401);
    expect(await as(null)).toBe(401);
    expect(await as(basicOf('ada', wandb.keyOf('ada')))).toBe(403);
    expect(await as(basicOf('', wandb.addTeamKey('ml-platform', 'team-scoped')))).toBe(403);
    wandb.switch('auditLog', 'forbidden');
    expect(await as(cy)).toBe(403);
    wandb.switch('auditLog', 'off');
    expect(await as(cy)).toBe(404);
  });
});
