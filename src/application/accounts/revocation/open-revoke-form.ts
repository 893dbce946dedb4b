import type { ServiceAccount } from '../../../domain/accounts/service-account.ts';
import type { Ports } from '../../ports/account-ports.ts';
import type { InterruptedRuns } from '../../ports/gateway.ts';
import { type AccountReference, findManagedAccount, type NotFound } from '../details/find-named-account.ts';
import { interruptedRuns, revokeAttempt } from '../revoke-service-account.ts';
import type { CredentialUse } from './account-store.ts';

/** What a person sees before they revoke an account. */
export interface RevocationPreview {
  kind: 'open';
  account: ServiceAccount;
  /** Of the last hour; undefined where Keysmith doesn't see credentials being used. */
  uses: CredentialUse[] | undefined;
  /** Which the account is writing through the gateway. */
  runs: InterruptedRuns | undefined;
  /** The team's page on the W&B server, if there is one. */
  link: string | undefined;
}

export type OpenRevokeFormResult =
  | RevocationPreview
  | { kind: 'already_revoked'; account: ServiceAccount; link: string | undefined }
  | NotFound;

const RECENTLY_MS = 60 * 60 * 1000;

/** Returns what would stop if the account were revoked. Revokes nothing. */
export async function openRevokeForm(
  ports: Ports,
  request: { slackUserId: string; reference: AccountReference; requestId: string },
): Promise<OpenRevokeFormResult> {
  const { slackUserId, reference, requestId } = request;
  const attempt = revokeAttempt({ slackUserId, requestId, ...reference });
  const found = await findManagedAccount(ports, attempt, reference);
  if (found.kind !== 'found') return found;
  const { account } = found;
  const link = ports.backend.teamPage(account.teamName);
  if (account.state === 'revoked') return { kind: 'already_revoked', account, link };
  // What was used a moment ago is said before it is revoked.
  await ports.flushUses();
  const uses = ports.backend.tracksUsage
    ? await ports.store.usesSince(account.id, ports.now() - RECENTLY_MS)
    : undefined;
  return { kind: 'open', account, uses, runs: interruptedRuns(ports, account.id), link };
}
