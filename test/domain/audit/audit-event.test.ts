import { createHmac, createSecretKey } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  currentAction,
  RENAMED_ACTIONS,
  type RecordedAction,
} from '../../../src/domain/audit/audit-actions.ts';
import {
  AUDIT_CHAIN_START,
  type AuditEvent,
  type AuditRecord,
  chainAuditEvent,
  verifyAuditChain,
} from '../../../src/domain/audit/audit-event.ts';
import { anyText } from '../../any-text.ts';

const KEY = new Uint8Array(32).fill(7);
const ORGANIZATION = 'org_acme';

function event(number: number, fields: Partial<AuditEvent> = {}): AuditEvent {
  return {
    atMs: 1_768_000_000_000 + number,
    actor: { type: 'person', slackUserId: 'U0ADA', email: 'ada@acme.test' },
    action: 'service_account.created',
    subject: `service_account:sa_${number}`,
    details: { team: 'ml-platform', number, names: ['a', 'b'], none: null, yes: true },
    requestId: `req_${number}`,
    ...fields,
  };
}

function chain(events: readonly AuditEvent[], organizationId = ORGANIZATION): AuditRecord[] {
  const records: AuditRecord[] = [];
  for (const one of events)
    records.push(chainAuditEvent(one, records.at(-1), organizationId, createSecretKey(KEY)));
  return records;
}

const records = chain([1, 2, 3, 4].map((number) => event(number)));
const verify = (tampered: readonly AuditRecord[]) => verifyAuditChain(tampered, ORGANIZATION, KEY);

/** The chain with one record changed. */
function withRecord(index: number, fields: Partial<AuditRecord>): AuditRecord[] {
  return records.map((record, at) => (at === index ? { ...record, ...fields } : record));
}

describe('The audit chain', () => {
  it('numbers records from 1 and links each to the hash of the one before', () => {
    expect(records.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4]);
    expect(records.map(({ previousHash }) => previousHash)).toEqual([
      AUDIT_CHAIN_START,
      ...records.slice(0, 3).map(({ hash }) => hash),
    ]);
  });

  it('is intact as written, and its verdict names the head', () => {
    expect(verify(records)).toEqual({ intact: true, records: 4, head: records[3]?.hash });
    expect(verify([])).toEqual({ intact: true, records: 0, head: AUDIT_CHAIN_START });
  });

  it('signs the canonical form (RFC 8785), so that it can be verified without this code', () => {
    const canonical = `{"action":"team.archived","actor":{"name":"teams-file","type":"system"},"atMs":5,"details":{"a":1,"b":"é"},"organizationId":"org_acme","previousHash":"${AUDIT_CHAIN_START}","requestId":null,"sequence":1,"subject":"team:x"}`;
    const [record] = chain([
      {
        subject: 'team:x',
        details: { b: 'é', a: 1 },
        atMs: 5,
        requestId: null,
        action: 'team.archived',
        actor: { type: 'system', name: 'teams-file' },
      },
    ]);
    expect(record?.hash).toBe(createHmac('sha256', KEY).update(canonical).digest('hex'));
  });

  it('is intact when storage returns the details in another order', () => {
    const reordered = records.map((record) => ({
      ...record,
      details: Object.fromEntries(Object.entries(record.details).reverse()),
    }));
    expect(verify(reordered)).toMatchObject({ intact: true });
  });

  it.each<[string, Partial<AuditRecord>]>([
    ['time', { atMs: 1 }],
    ['actor', { actor: { type: 'person', slackUserId: 'U0BEN', email: 'ada@acme.test' } }],
    ['type of actor', { actor: { type: 'slack_user', slackUserId: 'U0ADA' } }],
    ['action', { action: 'service_account.revoked' }],
    ['subject', { subject: 'service_account:sa_9' }],
    ['details', { details: { team: 'ml-platform', number: 2, names: ['a', 'b'], none: null } }],
    ['order of a list in the details', { details: { ...event(2).details, names: ['b', 'a'] } }],
    ['request', { requestId: null }],
    ['hash', { hash: 'f'.repeat(64) }],
  ])('is broken when the %s of a record was changed', (_, fields) => {
    expect(verify(withRecord(1, fields))).toEqual({ intact: false, brokenAt: 2, reason: 'hash' });
  });

  it('is broken when the previous hash of a record was changed', () => {
    expect(verify(withRecord(1, { previousHash: 'f'.repeat(64) }))).toEqual({
      intact: false,
      brokenAt: 2,
      reason: 'previous_hash',
    });
  });

  it('is broken when a record was renumbered, removed, duplicated or moved', () => {
    const [first, second, third, fourth] = records as [AuditRecord, AuditRecord, AuditRecord, AuditRecord];
    const broken = { intact: false, reason: 'sequence' };
    expect(verify(withRecord(1, { sequence: 7 }))).toEqual({ ...broken, brokenAt: 2 });
    expect(verify([first, third, fourth])).toEqual({ ...broken, brokenAt: 2 });
    expect(verify([second, third, fourth])).toEqual({ ...broken, brokenAt: 1 });
    expect(verify([first, first, second])).toEqual({ ...broken, brokenAt: 2 });
    expect(verify([first, third, second, fourth])).toEqual({ ...broken, brokenAt: 2 });
  });

  it('is broken when a record was removed and the following ones were relinked without the key', () => {
    const forged = chain([event(1), event(3), event(4)].map((one) => one)).map((record, index) =>
      index === 0 ? record : { ...record, hash: createHmac('sha256', 'guess').update('x').digest('hex') },
    );
    expect(verify(forged)).toEqual({ intact: false, brokenAt: 2, reason: 'hash' });
  });

  it('is intact without its newest records, which only a logged head reveals', () => {
    const cut = verify(records.slice(0, 3));
    expect(cut).toMatchObject({ intact: true, records: 3 });
    expect(cut).not.toMatchObject({ head: records[3]?.hash });
  });

  it('is broken under another key or for another organization', () => {
    const broken = { intact: false, brokenAt: 1, reason: 'hash' };
    expect(verifyAuditChain(records, ORGANIZATION, new Uint8Array(32))).toEqual(broken);
    expect(verifyAuditChain(records, 'org_globex', KEY)).toEqual(broken);
  });

  it('accepts any text and stays intact through JSON and UTF-8', () => {
    const text = anyText();
    const surrogate = fc.constantFrom('\ud800', 'a\udfffb', '\udfff\ud800');
    const storedText = fc.oneof(text, surrogate);
    fc.assert(
      fc.property(storedText, storedText, storedText, (subject, detail, name) => {
        const written = chain([
          event(1, { subject, details: { detail, list: [detail] }, actor: { type: 'system', name } }),
        ]);
        const stored = Buffer.from(JSON.stringify(written), 'utf8').toString('utf8');
        expect(verify(JSON.parse(stored))).toMatchObject({ intact: true });
        expect(written[0]?.subject).toBe(subject.toWellFormed());
      }),
    );
  });

  it('rejects a number that JSON can’t represent', () => {
    expect(() => chain([event(1, { details: { broken: Number.NaN } })])).toThrow('NaN');
  });
});

describe('The names of audit actions', () => {
  it('are translated for people when an earlier version wrote another name', () => {
    expect(currentAction('service_account.removal_started')).toBe('service_account.deletion_started');
    expect(currentAction('service_account.created')).toBe('service_account.created');
  });

  it('translate to a name that is not itself outdated', () => {
    for (const name of Object.values(RENAMED_ACTIONS)) expect(currentAction(name)).toBe(name);
  });

  it('are verified as stored: a chain with old names is intact, a translated one is broken', () => {
    const [first] = chain([event(1)]);
    const old: RecordedAction = 'service_account.removal_started';
    const second = chainAuditEvent({ ...event(2), action: old }, first, ORGANIZATION, createSecretKey(KEY));
    const written = [first as AuditRecord, second];
    expect(second.action).toBe(old);
    expect(verify(written)).toMatchObject({ intact: true, records: 2 });
    const translated = written.map((record) => ({ ...record, action: currentAction(record.action) }));
    expect(verify(translated)).toEqual({ intact: false, brokenAt: 2, reason: 'hash' });
  });
});
