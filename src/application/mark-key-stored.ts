import { administerTeamAs } from './administer-team.ts';
import { type Caller, identify } from './identify.ts';
import type { Ports } from './ports.ts';
import { recordRefusal } from './refusal.ts';

/** Records that the person says to have stored the key, and changes nothing else. False, and recorded, for an account not theirs. */
export async function markKeyStored(
  ports: Ports,
  { slackUserId, accountId, requestId }: { slackUserId: string; accountId: string; requestId: string },
): Promise<boolean> {
  const refuse = async (who: Caller, reason: string) => {
    await recordRefusal(ports, {
      who,
      action: 'interaction.refused',
      reason,
      subject: `service_account:${accountId.slice(0, 64)}`,
      requestId,
    });
    return false;
  };
  const identified = await identify(ports, slackUserId);
  if (!identified.ok) return refuse({ slackUserId }, identified.refusal.reason);
  const { person } = identified;
  const account = await ports.backend.findAccount(accountId);
  if (account === undefined) return refuse(person, 'account_unknown');
  const administering = await administerTeamAs(ports, person, account.teamName);
  if (!administering.ok) return refuse(administering.who, administering.refusal.reason);
  // A federated account has no key: its message is put away, and there is nothing to record.
  if (account.method === 'federated') return true;
  await ports.store.appendAuditEvent(ports.organization.id, {
    atMs: ports.now(),
    actor: { type: 'person', slackUserId, email: person.email },
    action: 'api_key.stored',
    subject: `service_account:${account.id}`,
    details: { team: account.teamName, name: account.name },
    requestId,
  });
  return true;
}
