import type { BackendOperation } from '../../../application/ports/operation-store.ts';
import { accountEvent, SYSTEM } from './operation-events.ts';
import { candidatesOf } from './service-members.ts';
import { CALLS_MS, type WandbContext } from './wandb-context.ts';

/**
 * Looks for what an operation made after it was given up. What is found is told, and left alone: an account that the server
 * made late for Keysmith and one that an admin has made by hand, having read that it was not made, are the same on the wire.
 * W&B shows neither who made a member nor when, and takes no mark of ours but the name. To remove an admin's account would
 * stop jobs that run; a key that nobody has seen waits for a person to remove it.
 */
export async function lookForLateEffect(
  context: WandbContext,
  operation: BackendOperation,
): Promise<boolean> {
  const { id: operationId, account, membersBefore, requestId } = operation;
  const { store, organizationId, teams, now } = context;
  const read = await teams.tryFresh(account.teamName, { deadlineMs: now() + CALLS_MS });
  if (!read.ok || read.value === undefined) return false;
  const candidates = candidatesOf(read.value, { name: account.name, membersBefore });
  if (candidates.length === 0) return false;
  // Read after the server, so that one which Keysmith makes meanwhile, at another try of the person's, is known by now.
  const { memberIds, isUnderWay } = await store.madeUnderName(organizationId, account);
  const unknown = candidates.map(({ id }) => id).filter((id) => !memberIds.includes(id));
  // It may be what that one is making.
  if (isUnderWay || unknown.length === 0) return false;
  return store.noteLateEffect(organizationId, {
    operationId,
    nowMs: now(),
    auditEvent: accountEvent(account, {
      action: 'service_account.appeared_late',
      actor: SYSTEM,
      atMs: now(),
      requestId,
      details: { members: unknown },
    }),
  });
}
