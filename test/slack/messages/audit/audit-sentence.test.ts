import { describe, expect, it } from 'vitest';
import { AUDIT_ACTIONS } from '../../../../src/domain/audit/audit-actions.ts';
import type { AuditActor } from '../../../../src/domain/audit/audit-event.ts';
import {
  auditLine,
  auditSentence,
  plainWords,
  type SaidEvent,
} from '../../../../src/slack/messages/audit/audit-sentence.ts';

const ANA: AuditActor = { type: 'person', slackUserId: 'U1', email: 'ana@acme.test' };
const KEYSMITH: AuditActor = { type: 'system', name: 'delivery' };
const ACCOUNT = 'service_account:sa_1';
const of = { team: 'ml-platform', name: 'nightly-eval' };

const event = (event: Partial<SaidEvent> & Pick<SaidEvent, 'action'>): SaidEvent => ({
  actor: ANA,
  subject: ACCOUNT,
  details: of,
  ...event,
});

describe('The sentence of an audit event', () => {
  it.each<[SaidEvent, string]>([
    [event({ action: 'service_account.revoked' }), '<@U1> revoked `nightly-eval` in `ml-platform`.'],
    [
      event({
        action: 'service_account.created',
        details: { ...of, method: 'api_key', key_id: 'k1', expires_at_ms: Date.UTC(2026, 10, 30) },
      }),
      '<@U1> created `nightly-eval` in `ml-platform` with key `k1`, which expires on <!date^1795996800^{date}|2026-11-30>.',
    ],
    [
      event({
        action: 'service_account.created',
        details: { ...of, method: 'federated', issuer: 'https://ci.test', subject: 'repo:a' },
      }),
      '<@U1> created `nightly-eval` in `ml-platform` for the subject `repo:a` of `https://ci.test`.',
    ],
    [
      event({ action: 'service_account.edited', details: { ...of, purpose: 'CI', purpose_before: '' } }),
      '<@U1> edited `nightly-eval` in `ml-platform`.',
    ],
    [
      event({ action: 'service_account.edited', details: { ...of, contact: 'U2', contact_before: 'U1' } }),
      '<@U1> edited `nightly-eval` in `ml-platform`, and made <@U2> its contact instead of <@U1>.',
    ],
    [
      event({
        action: 'person.messages_chosen',
        subject: 'person:U1',
        details: { muted: ['expiry', 'near_match'] },
      }),
      '<@U1> turned off these direct messages from Keysmith: “Keys that expire soon”, “Refused JWTs whose subject nearly matches that of an account”.',
    ],
    [
      event({ action: 'person.messages_chosen', subject: 'person:U1', details: { muted: [] } }),
      '<@U1> turned on all direct messages from Keysmith.',
    ],
    [
      event({ action: 'api_key.delivered', actor: KEYSMITH, details: { ...of, key_id: 'k1', to: 'U2' } }),
      'Keysmith sent key `k1` of `nightly-eval` in `ml-platform` to <@U2>.',
    ],
    [
      event({ action: 'service_account.settlement_stalled', actor: KEYSMITH }),
      'Keysmith has waited more than an hour for W&B, because of `nightly-eval` in `ml-platform`.',
    ],
    [
      event({
        action: 'service_account.revoke_refused',
        details: { reason: 'not_admin', repeated: 1_200 },
      }),
      '<@U1> wasn’t allowed to revoke the account `sa_1`: not an admin of the team (and 1,200 times more).',
    ],
    [
      event({
        action: 'team.changed',
        subject: 'team:ml-platform',
        details: { subjectsAdded: ['a', 'b', 'c', 'd', 'e', 'f', 'g'] },
        actor: { type: 'system', name: 'teams-file' },
      }),
      'The teams file changed the team `ml-platform`: added the subjects `a`, `b`, `c`, `d`, `e` and 2 more.',
    ],
    [
      event({
        action: 'team_member.changed',
        subject: 'team:ml-platform',
        details: { email: 'bo@acme.test', username: 'bo', role: 'admin', previousRole: 'member' },
      }),
      '<@U1> changed the role of `bo@acme.test` in `ml-platform` from member to admin.',
    ],
  ])('says who did what to what: %#', (said, sentence) => {
    expect(auditSentence(said)).toBe(sentence);
  });

  it('has an entry for each action, which also reads well without details', () => {
    for (const action of AUDIT_ACTIONS) {
      const sentence = auditSentence(event({ action, details: {} }));
      expect(sentence, action).toMatch(/^<@U1> \p{L}.*[^ :,(]\.$/u);
      expect(sentence, action).not.toMatch(/ {2}|undefined|``/);
    }
  });

  it('is plain text without markup for a terminal', () => {
    const sentence = auditSentence(event({ action: 'service_account.revoked' }), plainWords);
    expect(sentence).toBe('ana@acme.test revoked “nightly-eval” in “ml-platform”.');
  });

  it('bounds and escapes what people and servers chose, and never shows a credential', () => {
    const key = `keysmith_${'a'.repeat(12)}-${'b'.repeat(40)}`;
    for (const action of AUDIT_ACTIONS) {
      const details = Object.fromEntries(
        [
          'team',
          'name',
          'email',
          'id',
          'actor',
          'subject',
          'issuer',
          'owner',
          'cause',
          'to',
          'kind',
          'role',
          'reason',
          'day',
        ].map((detail) => [detail, `<!channel>\n\`${key}\`${'&'.repeat(5_000)}`]),
      );
      const actor: AuditActor = { type: 'slack_user', slackUserId: '<!here>' };
      const line = auditLine({ ...event({ action, details, actor, subject: `team:${key}` }), atMs: 0 });
      expect(line.length, action).toBeLessThan(2_900);
      expect(line, action).not.toContain('<!channel>');
      expect(line, action).not.toContain('<!here>');
      expect(line, action).not.toContain('bbbb');
      expect(line, action).not.toContain('\n');
    }
  });
});
