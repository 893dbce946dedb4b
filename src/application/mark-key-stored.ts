import { administerTeam } from './administer-team.ts';
import type { Ports } from './ports.ts';

/** Records that the person says to have stored the key. Changes nothing else; an account not theirs records nothing. */
export async function markKeyStored(
  ports: Ports,
  { slackUserId, accountId, requestId }: { slackUserId: string; accountId: string; requestId: string },
): Promise<void> {
  const account = await ports.backend.findAccount(accountId);
  if (account === undefined) return;
  const administering = await administerTeam(ports, slackUserId, account.teamName);
  if (!administering.ok) return;
  const { person } = administering;
  await ports.store.appendAuditEvent(ports.organization.id, {
    atMs: ports.now(),
    actor: { type: 'person', slackUserId, email: person.email },
    action: 'api_key.stored',
    subject: `service_account:${account.id}`,
    details: { team: account.teamName, name: account.name },
    requestId,
  });
}
