import type { ServiceAccount } from '../../domain/accounts/service-account.ts';
import { identifyPerson } from '../../domain/organization/person.ts';
import { decideManageAccount, mayContactGetKey, type TeamAccess } from '../../domain/organization/team.ts';
import type { CardPlace } from '../cards/card.ts';
import { isMuted } from '../home/direct-messages.ts';
import type { Ports } from '../ports/account-ports.ts';
import type { Recipient } from '../ports/notifications.ts';

type PeoplePorts = Pick<Ports, 'directory'> & {
  backend: Pick<Ports['backend'], 'teamAccess' | 'teamAdmins' | 'organizationAdmins'>;
};

/** Bounds the messages about one account. */
const MAX_ADMINS = 20;

/**
 * Returns whom to notify of something about an account: its contact if that is a member of the team or an organization admin, else the
 * admins.
 *
 * @throws DirectoryUnavailableError, StoreUnavailableError, BackendUnavailableError
 */
export async function contactOrAdmins(ports: PeoplePorts, account: ServiceAccount): Promise<Recipient[]> {
  const isContactOfTeam = await isMember(ports, account.contact, account.teamName);
  return isContactOfTeam ? [{ slackUserId: account.contact }] : adminsToNotify(ports, account);
}

/**
 * Returns whom to notify before a key of an account expires: its contact if they can rotate the key and want the message, else the admins.
 *
 * @throws DirectoryUnavailableError, StoreUnavailableError, BackendUnavailableError
 */
export async function peopleToRotate(
  ports: PeoplePorts & { store: Parameters<typeof isMuted>[0] },
  account: ServiceAccount,
): Promise<Recipient[]> {
  const { contact } = account;
  const isForContact =
    (await canRotate(ports, contact, account)) && !(await isMuted(ports.store, contact, 'key_expiring'));
  return isForContact ? [{ slackUserId: contact }] : adminsToNotify(ports, account);
}

/** Returns whether a contact of an account, or an admin, can get a new key of it now. */
export async function canRotate(
  ports: AccessPorts,
  slackUserId: string,
  account: ServiceAccount,
): Promise<boolean> {
  const access = await identifiedAccess(ports, slackUserId, account.teamName);
  if (access === undefined) return false;
  return decideManageAccount(access, account).allowed || mayContactGetKey(access, account);
}

/** A team, or one of its accounts. */
export type AboutTeam = Pick<ServiceAccount, 'teamName'> & Partial<Pick<ServiceAccount, 'scope'>>;

/**
 * Returns the admins of a team, else those of the organization. An account for all teams is managed by the organization's admins
 * alone.
 */
export async function adminsToNotify(
  ports: { backend: Pick<Ports['backend'], 'teamAdmins' | 'organizationAdmins'> },
  about: AboutTeam,
): Promise<Recipient[]> {
  return (await emailsToNotify(ports, about)).map((email) => ({ email }));
}

async function emailsToNotify(
  { backend }: { backend: Pick<Ports['backend'], 'teamAdmins' | 'organizationAdmins'> },
  { teamName, scope = 'team' }: AboutTeam,
): Promise<string[]> {
  const ofTeam =
    scope === 'organization' ? [] : (await backend.teamAdmins(teamName)).map(({ email }) => email);
  const emails = ofTeam.length > 0 ? ofTeam : await backend.organizationAdmins();
  return emails.slice(0, MAX_ADMINS);
}

/** Returns the admins who can act on accounts of these scopes in a team. */
export async function adminsOfScopes(
  ports: { backend: Pick<Ports['backend'], 'teamAdmins' | 'organizationAdmins'> },
  teamName: string,
  scopes: readonly ServiceAccount['scope'][],
): Promise<CardPlace[]> {
  const emails = new Set<string>();
  for (const scope of new Set(scopes)) {
    for (const email of await emailsToNotify(ports, { teamName, scope })) emails.add(email);
  }
  return [...emails].map((email) => ({ email }));
}

/** Returns whether a card about accounts of a team still concerns the person in its place. */
export async function isForAdmin(
  ports: { backend: Pick<Ports['backend'], 'teamAdmins' | 'organizationAdmins'> },
  place: CardPlace,
  teamName: string,
): Promise<boolean> {
  if (!('email' in place)) return false;
  const admins = await adminsOfScopes(ports, teamName, ['team', 'organization']);
  return admins.some((one) => 'email' in one && one.email === place.email);
}

/** Returns whether a Slack user is in the team now, or an organization admin. Anyone can be named as a contact. */
export async function isMember(
  ports: AccessPorts,
  slackUserId: string,
  teamName: string,
  options: { maxAgeMs: number } = { maxAgeMs: 0 },
): Promise<boolean> {
  const access = await identifiedAccess(ports, slackUserId, teamName, options);
  return access?.role !== undefined || access?.isOrganizationAdmin === true;
}

type AccessPorts = Pick<Ports, 'directory'> & { backend: Pick<Ports['backend'], 'teamAccess'> };

/** Returns a Slack user's access to a team now; undefined if Keysmith doesn't serve that user, or there is no such team. */
export async function identifiedAccess(
  { directory, backend }: AccessPorts,
  slackUserId: string,
  teamName: string,
  options: { maxAgeMs: number } = { maxAgeMs: 0 },
): Promise<TeamAccess | undefined> {
  const profile = await directory.profile(slackUserId, options);
  const identified = profile && identifyPerson(profile, directory.workspace);
  return identified?.ok ? backend.teamAccess(identified.person, teamName) : undefined;
}
