import { accountEvent, actorOf } from '../../../../application/accounts/account-event.ts';
import { heldNotification } from '../../../../application/jobs/notification-jobs.ts';
import type { Backend, RevokeAccountResult } from '../../../../application/ports/backend.ts';
import type { ServiceAccount } from '../../../../domain/accounts/service-account.ts';
import type { AuditAction } from '../../../../domain/audit/audit-actions.ts';
import type { Person } from '../../../../domain/organization/person.ts';
import type { WandbContext } from '../wandb-context.ts';
import { reconcileAccount } from './reconcile-account.ts';
import { abandonAttempt, REQUEST_ENDED } from './run-attempt.ts';

/** Revokes an account at a person's request: stores that it should be absent, and deletes it from the server. Its job finishes the rest. */
export async function revokeAccount(
  context: WandbContext,
  account: ServiceAccount,
  by: Person,
  { requestId, notice, actor, notifications }: Parameters<Backend['revokeAccount']>[2],
): Promise<RevokeAccountResult> {
  const { store, now, logger } = context;
  const event = (action: AuditAction) =>
    accountEvent(account, { action, actor: actor ?? actorOf(by), atMs: now(), requestId });
  const job = { person: by, requestId, ...(actor && { actor }) };
  const begun = await store.beginRemoval({
    accountId: account.id,
    job,
    nowMs: now(),
    auditEvent: event('service_account.deletion_started'),
    revokedEvent: event('service_account.revoked'),
    notification: heldNotification(
      notice,
      { message: 'account_revoked', accountId: account.id },
      { ...by, requestId, nowMs: now() },
    ),
    alsoNotify: notifications,
  });
  if (begun.kind !== 'begun') return begun.kind;
  try {
    const reconciled = await Promise.all(
      begun.serverAccountIds.map((serverAccountId) =>
        reconcileAccount(context, { serverAccountId, ...job }, { attempts: 1 }),
      ),
    );
    if (reconciled.some(({ revoked }) => revoked)) return 'revoked';
    const failure = reconciled.map((one) => one.failure).find((one) => one !== undefined);
    if (failure !== undefined) {
      const failedIds = begun.serverAccountIds.filter((_, at) => reconciled[at]?.failure !== undefined);
      const left = await Promise.all(failedIds.map((id) => store.serverAccount(id)));
      // A renamed account isn't there under its name.
      const names = left.flatMap((server) => server?.name ?? []);
      return { pending: failure, serverNames: failure.reason === 'another_account' ? [] : names };
    }
    // Another process may have completed it.
    const isRevoked = (await store.findAccount(account.id))?.state === 'revoked';
    return isRevoked ? 'revoked' : { pending: { reason: 'under_way' }, serverNames: [] };
  } catch (error) {
    logger.error({ err: error, accountId: account.id }, 'deletion not recorded');
    return { pending: { reason: 'not_recorded' }, serverNames: [] };
  }
}

/** Gives up the creation of an account whose request has ended. Its job deletes what the server has created, or creates later. */
export async function abandonCreation(
  context: WandbContext,
  account: ServiceAccount,
  person: Person,
  requestId: string,
): Promise<boolean> {
  const server = await context.store.currentServerAccount(account.id);
  if (server === undefined) return false;
  const { id, name, tag } = server;
  const job = { person, requestId };
  const attempt = { account, person, requestId, notice: undefined, server: { id, name, tag, job } };
  const options = { isCertain: false, cause: REQUEST_ENDED };
  return (await abandonAttempt(context, attempt, options)).abandoned;
}
