import type { DeliveryRoute } from '../../../../application/ports/account-records.ts';
import type { HeldJob, ServerAccountJob } from '../../../../application/ports/job-store.ts';
import type { NewServerAccount } from '../../../../application/ports/server-account-store.ts';
import type { KeyExpiry } from '../../../../domain/accounts/key-expiry.ts';
import { drawTag, serverName } from '../../../../domain/accounts/server-name.ts';
import type { ServiceAccount } from '../../../../domain/accounts/service-account.ts';
import type { Person } from '../../../../domain/organization/person.ts';
import type { WandbTeam } from '../../client/queries/read-team.ts';
import type { WandbContext } from '../wandb-context.ts';

/** The stored part of an attempt. */
export interface StoredAttempt {
  server: NewServerAccount;
  account: ServiceAccount;
  person: Person;
  requestId: string | null;
  /** Of the request that notifies the person of the outcome. Undefined if a job runs the attempt: then a direct message does. */
  notice: HeldJob | undefined;
}

/** One attempt to create an account on the server; its server account and job are stored before the server is asked. */
export interface Attempt extends StoredAttempt {
  /** The OAuth provider of a federated account. */
  providerId: string | undefined;
  /** Undefined if Keysmith doesn't deliver a key: for a federated account, or if an admin creates the key. */
  key:
    | { name: string; expiry: KeyExpiry; route: DeliveryRoute; collectionId: string | undefined }
    | undefined;
  /** End of all calls to the server. */
  deadlineMs: number;
}

/** Returns a new attempt, with a tag of its own. */
export function newAttempt(
  { newId, randomBytes }: Pick<WandbContext, 'newId' | 'randomBytes'>,
  attempt: Omit<Attempt, 'server'>,
): Attempt {
  const { account, key, person, requestId } = attempt;
  const tag = drawTag(randomBytes);
  const job: NewServerAccount['job'] = {
    person,
    requestId,
    ...(key && { key: { name: key.name, expiry: key.expiry, collectionId: key.collectionId ?? null } }),
  };
  return { ...attempt, server: { id: newId('srv'), name: serverName(account.name, tag), tag, job } };
}

export function jobOf({ server }: Attempt): ServerAccountJob {
  return { serverAccountId: server.id, ...server.job };
}

/** Returns the ID of the OAuth provider of an account's issuer, if the organization has registered it. */
export function providerOf(team: WandbTeam, { externalIdentity }: ServiceAccount): string | undefined {
  const issuer = externalIdentity?.issuer;
  return team.organization?.oauthProviders?.find(({ issuerUrl }) => issuerUrl === issuer)?.id;
}
