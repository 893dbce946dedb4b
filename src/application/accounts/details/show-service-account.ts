import type { ServiceAccount } from '../../../domain/accounts/service-account.ts';
import type { AuditRecord } from '../../../domain/audit/audit-event.ts';
import type { Person } from '../../../domain/organization/person.ts';
import type { EffectivePolicy } from '../../../domain/organization/policy.ts';
import {
  decideManageAccount,
  decideManageTeam,
  mayContactGetKey,
  type TeamAccess,
} from '../../../domain/organization/team.ts';
import { accountSubjects } from '../../audit/read-audit.ts';
import type { AccountKey } from '../../keys/account-key.ts';
import type { Rotation } from '../../keys/rotation.ts';
import type { AccountOnServer } from '../../outside-changes/outside-change-store.ts';
import type { Ports } from '../../ports/account-ports.ts';
import type { Collection } from '../../ports/account-records.ts';
import type { RunAccess } from '../../ports/gateway.ts';
import { authorize, type Check } from '../authorize.ts';
import {
  type Contact,
  type Refusal,
  refusalForOrganizationScope,
  refusalForTeam,
  refusalForUnknownTeam,
} from '../refusal.ts';
import { type AccountReference, findByName, type NotFound } from './find-named-account.ts';

/** All about one account that a person may see. */
export interface ShownAccount {
  kind: 'shown';
  account: ServiceAccount;
  /** The person may only look at it. */
  isReadOnly: boolean;
  /** The person is its contact, who may rotate and revoke its keys. */
  isContact: boolean;
  /** Whether the person may get a new key that replaces another. */
  mayRotate: boolean;
  keys: AccountKey[];
  /** Those in progress. */
  rotations: Pick<Rotation, 'oldKey' | 'newKey'>[];
  /** Whether Keysmith creates and verifies the keys, so that they can be changed here. */
  hasOwnKeys: boolean;
  tracksUsage: boolean;
  /** The policy of the team. Older keys may live longer than it allows. */
  policy: EffectivePolicy;
  /** Some of the people who may change it. */
  admins: Contact[];
  /** The person's open collection of a key, if there is one. */
  collection: Collection | undefined;
  /** What happened to it, newest first; empty for a person who may only look at it. */
  history: AuditRecord[];
  /** The team's page on the W&B server, if there is one. */
  link: string | undefined;
  /** What the W&B server shows of it. */
  onServer: AccountOnServer;
  /** What its workloads need besides their credential. */
  setup: { publicUrl: string; organizationName: string; runAccess: RunAccess };
}

const SHOWN_EVENTS = 10;

export type ShowAccountResult = ShownAccount | NotFound;

/** Returns all about an account of a team in which the person has any role. Changes nothing. */
export async function showServiceAccount(
  ports: Ports,
  request: { slackUserId: string; reference: AccountReference; requestId: string },
): Promise<ShowAccountResult> {
  const { slackUserId, reference, requestId } = request;
  const attempt = { slackUserId, action: 'service_account.show_refused', requestId } as const;
  const authorized = await authorize(ports, attempt, (person) => checkMaySee(ports, person, reference));
  if (!authorized.ok) {
    const { refusal } = authorized;
    if (refusal.reason === 'account_unknown') return { kind: 'not_found' };
    return { kind: 'refused', refusal };
  }
  const { granted } = authorized;
  if (granted.kind !== 'found') return granted;
  const { account, isReadOnly, access } = granted;
  const { backend, store } = ports;
  // A use of a moment ago is shown.
  await ports.flushUses();
  const collections = await store.openCollections(slackUserId, ports.now());
  return {
    kind: 'shown',
    account,
    isReadOnly,
    isContact: account.contact === slackUserId,
    mayRotate: !isReadOnly || (account.contact === slackUserId && mayContactGetKey(access, account)),
    keys: await store.accountKeys(account.id),
    rotations: await store.openRotations(account.id),
    hasOwnKeys: backend.keys !== undefined,
    tracksUsage: backend.tracksUsage,
    policy: await store.policyOf(account.teamName),
    admins: await adminsOf(ports, account),
    collection: collections.find(({ accountId }) => accountId === account.id),
    history: isReadOnly ? [] : await historyOf(ports, account),
    link: backend.teamPage(account.teamName),
    onServer: await backend.accountOnServer(account),
    setup: {
      publicUrl: ports.workloadUrl,
      organizationName: ports.organization.name,
      runAccess: await ports.runAccess(account.teamName),
    },
  };
}

async function adminsOf(ports: Ports, { scope, teamName }: ServiceAccount): Promise<Contact[]> {
  const refusal = await (scope === 'organization'
    ? refusalForOrganizationScope(ports)
    : refusalForTeam(ports, teamName));
  if (refusal.reason === 'not_organization_admin') return refusal.organizationAdmins;
  return refusal.reason === 'not_admin' ? (refusal.teams[0]?.admins ?? []) : [];
}

async function historyOf({ store }: Ports, { id }: ServiceAccount): Promise<AuditRecord[]> {
  const subjects = await accountSubjects(store, id);
  return store.auditPage({ subjects, before: undefined, from: undefined, limit: SHOWN_EVENTS });
}

type Seen =
  | { kind: 'found'; account: ServiceAccount; isReadOnly: boolean; access: TeamAccess }
  | Extract<NotFound, { kind: 'ambiguous' | 'name_unknown' }>;

/** An account of a team that the person isn't in looks like one that doesn't exist. */
async function checkMaySee(
  ports: Ports,
  person: Person,
  reference: AccountReference,
): Promise<Check<Seen, Refusal | { reason: 'account_unknown' }>> {
  if ('accountId' in reference) {
    const account = await ports.backend.findAccount(reference.accountId);
    return account === undefined ? unknown : seen(ports, person, account);
  }
  const { teamName } = reference;
  if (teamName !== undefined && !(await isMember(ports, person, teamName))) {
    return { ok: false, refusal: await refusalForUnknownTeam(ports, person, teamName) };
  }
  const found = await findByName(ports, person, reference, true);
  return found.kind === 'found' ? seen(ports, person, found.account) : { ok: true, granted: found };
}

const unknown = { ok: false, refusal: { reason: 'account_unknown' } } as const;

async function isMember({ backend }: Ports, person: Person, teamName: string): Promise<boolean> {
  const access = await backend.teamAccess(person, teamName);
  const decision = access && decideManageTeam(access);
  return decision !== undefined && (decision.allowed || decision.reason !== 'not_member');
}

async function seen(
  { backend }: Ports,
  person: Person,
  account: ServiceAccount,
): Promise<Check<Seen, { reason: 'account_unknown' }>> {
  const access = await backend.teamAccess(person, account.teamName);
  const decision = access && decideManageTeam(access);
  if (access === undefined || decision === undefined) return unknown;
  if (!decision.allowed && decision.reason === 'not_member') return unknown;
  const isReadOnly = !decision.allowed || !decideManageAccount(access, account).allowed;
  return { ok: true, granted: { kind: 'found', account, isReadOnly, access } };
}
