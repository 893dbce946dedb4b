import type { ServiceAccount } from '../../../domain/accounts/service-account.ts';
import { nearestName } from '../../../domain/nearest-name.ts';
import type { Person } from '../../../domain/organization/person.ts';
import type { Ports } from '../../ports/account-ports.ts';
import {
  type Attempt,
  authorize,
  type Check,
  checkAccount,
  checkManage,
  checkManageOrContact,
  checkTeamOrAny,
} from '../authorize.ts';
import type { Refusal } from '../refusal.ts';

/** How a command names an account. */
export interface AccountName {
  name: string;
  teamName: string | undefined;
}

/** How a button or a command names an account. */
export type AccountReference = { accountId: string } | AccountName;

type Found =
  | { kind: 'found'; account: ServiceAccount }
  /** Several of the person's teams have an account of this name. */
  | { kind: 'ambiguous'; teamNames: string[] }
  /** `nearest`: the name of an account that the person may use with the same command. */
  | { kind: 'name_unknown'; nearest: string | undefined };

export type FindAccountResult =
  | Found
  /** No such account, or one of a team the person may not see. The two must look the same. */
  | { kind: 'not_found' }
  | { kind: 'refused'; refusal: Refusal };

export type NotFound = Exclude<FindAccountResult, { kind: 'found' }>;

/** Finds an account that the person may manage, from fresh data. Changes nothing. */
export function findManagedAccount(
  ports: Ports,
  attempt: Attempt,
  reference: AccountReference,
): Promise<FindAccountResult> {
  return findAuthorized(ports, attempt, reference, (person) => checkReference(ports, person, reference));
}

/** Finds an account by its name like {@link findManagedAccount}, and also one whose contact the person is. */
export function findAccountAsContact(
  ports: Ports,
  attempt: Attempt,
  name: AccountName,
): Promise<FindAccountResult> {
  return findAuthorized(ports, attempt, name, async (person) => {
    const managed = await checkReference(ports, person, name);
    if (managed.ok && managed.granted.kind !== 'name_unknown') return managed;
    const found = await findOfContact(ports, person, name);
    if (found?.kind !== 'found') return found === undefined ? managed : { ok: true, granted: found };
    return toFound(await checkManageOrContact(ports, person, found.account));
  });
}

async function findAuthorized(
  ports: Ports,
  attempt: Attempt,
  reference: AccountReference,
  check: (person: Person) => ReturnType<typeof checkReference>,
): Promise<FindAccountResult> {
  const authorized = await authorize(ports, attempt, check);
  if (authorized.ok) return authorized.granted;
  const { refusal } = authorized;
  const isByName = !('accountId' in reference);
  if (refusal.reason === 'account_unknown') return { kind: 'not_found' };
  return refusal.reason === 'team_unknown' && !isByName
    ? { kind: 'not_found' }
    : { kind: 'refused', refusal };
}

async function checkReference(
  ports: Ports,
  person: Person,
  reference: AccountReference,
): Promise<Check<Found, Refusal | { reason: 'account_unknown' }>> {
  if ('accountId' in reference) return toFound(await checkAccount(ports, person, reference.accountId));
  const checked = await checkTeamOrAny(ports, person, reference.teamName);
  if (!checked.ok) return checked;
  const found = await findByName(ports, person, reference);
  if (found.kind !== 'found') return { ok: true, granted: found };
  return toFound(await checkManage(ports, person, found.account));
}

function toFound<Denied extends { reason: string }>(
  checked: Check<ServiceAccount, Denied>,
): Check<Found, Denied> {
  return checked.ok ? { ok: true, granted: { kind: 'found', account: checked.granted } } : checked;
}

/** @param includesMemberTeams also finds accounts that the person may only see */
export async function findByName(
  { backend }: Ports,
  person: Person,
  { name, teamName }: AccountName,
  includesMemberTeams = false,
): Promise<Found> {
  // No name of an account has capital letters.
  const exact = name.toLowerCase();
  const found = onlyOne(await backend.findAccountsByName(person, exact, teamName, includesMemberTeams));
  if (found !== undefined) return found;
  const names = await backend.accountNames(person, teamName, includesMemberTeams);
  return { kind: 'name_unknown', nearest: nearestName(name, names) };
}

async function findOfContact(
  { backend }: Ports,
  person: Person,
  { name, teamName }: AccountName,
): Promise<Found | undefined> {
  const accounts = await backend.findAccountsByName(person, name.toLowerCase(), teamName, true);
  return onlyOne(accounts.filter(({ contact }) => contact === person.slackUserId));
}

function onlyOne(accounts: readonly ServiceAccount[]): Found | undefined {
  const [account, ...others] = accounts;
  if (account === undefined || others.length === 0) return account && { kind: 'found', account };
  return { kind: 'ambiguous', teamNames: accounts.map((found) => found.teamName) };
}
