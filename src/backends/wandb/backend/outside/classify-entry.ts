import type {
  KnownUser,
  NativeKeyEvent,
} from '../../../../application/outside-changes/outside-change-store.ts';
import type { OutsideChange } from '../../../../domain/accounts/outside-change.ts';
import { withoutCredentials } from '../../../../domain/keys/pasted-credential.ts';
import { normalizeEmailAddress } from '../../../../domain/organization/person.ts';
import type { AuditLogEntry } from '../../audit-log/audit-log-entry.ts';
import type { WandbTeam } from '../../client/queries/read-team.ts';
import type { WandbViewer } from '../../client/queries/read-viewer.ts';

/** What an entry of the log is compared with. */
export interface KnownOrganization {
  /** The owner of Keysmith's credential. */
  own: Pick<WandbViewer, 'id' | 'email'>;
  /** The names of the teams that Keysmith serves. */
  served: ReadonlySet<string>;
  /** What the server shows of them. */
  shown: ShownMembers;
  /** Service accounts by {@link userKey}, also deleted ones. */
  users: ReadonlyMap<string, KnownUser>;
  /** The tagged names of Keysmith's accounts. */
  managedNames: ReadonlySet<string>;
}

/** The members of teams. A page of the log may have thousands of entries about any of them. */
interface ShownMembers {
  /** Service accounts by {@link userKey}. */
  accounts: ReadonlyMap<string, KnownUser>;
  /** By address in its compared form: the person's teams, and whether they are an admin there. */
  people: ReadonlyMap<string, ReadonlyMap<string, boolean>>;
}

export function shownMembers(teams: Iterable<Pick<WandbTeam, 'name' | 'members'>>): ShownMembers {
  const accounts = new Map<string, KnownUser>();
  const people = new Map<string, Map<string, boolean>>();
  for (const { name: teamName, members } of teams) {
    for (const { id, accountType, name, username, email, admin, role } of members) {
      const key = userKey(id);
      if (accountType === 'SERVICE' && !accounts.has(key)) {
        accounts.set(key, { userId: id, teamName, name: name ?? username ?? id, isManaged: false });
      }
      const address = email === undefined ? undefined : normalizeEmailAddress(email);
      if (address === undefined) continue;
      const ofPerson = people.get(address) ?? new Map<string, boolean>();
      ofPerson.set(teamName, ofPerson.get(teamName) === true || admin || role === 'admin');
      people.set(address, ofPerson);
    }
  }
  return { accounts, people };
}

/**
 * Returns what all forms of a user's ID have in common: GraphQL encodes `User:20` as `VXNlcjoyMA==`, and W&B doesn't document which
 * form its log has.
 */
export function userKey(id: string): string {
  if (!/^[A-Za-z0-9+/]{8,40}={0,2}$/.test(id)) return id;
  const [, number] = /^User:(\d+)$/.exec(Buffer.from(id, 'base64').toString()) ?? [];
  return number ?? id;
}

/** Returns the forms in which the ID of a user may be stored. */
export function userIdForms(id: string): string[] {
  const key = userKey(id);
  const encoded = /^\d{1,20}$/.test(key) ? [Buffer.from(`User:${key}`).toString('base64')] : [];
  return [...new Set([id, key, ...encoded])];
}

/** Returns whether Keysmith's own credential did this. */
export function isOwnDoing({ actorId, actorEmail }: AuditLogEntry, own: KnownOrganization['own']): boolean {
  if (actorId !== undefined && own.id !== undefined && userKey(actorId) === userKey(own.id)) return true;
  return (
    actorEmail !== undefined && own.email !== undefined && actorEmail === normalizeEmailAddress(own.email)
  );
}

/** Returns the entry as the event of a native key, by anyone. */
export function keyEventOf(entry: AuditLogEntry, own: KnownOrganization['own']): NativeKeyEvent[] {
  const { action, userId, atMs } = entry;
  const kind = { 'user:create_api_key': 'created', 'user:delete_api_key': 'deleted' } as const;
  if (userId === undefined || (action !== 'user:create_api_key' && action !== 'user:delete_api_key'))
    return [];
  return [{ kind: kind[action], userId, atMs, isOwn: isOwnDoing(entry, own) }];
}

/**
 * Returns what an entry of the log changed in the teams that Keysmith serves; nothing for what Keysmith itself did. Of people, only
 * those matter who may manage accounts; W&B's log doesn't say what role a removed member had.
 */
export function outsideChangesOf(logged: AuditLogEntry, known: KnownOrganization): OutsideChange[] {
  if (isOwnDoing(logged, known.own)) return [];
  const account = accountOf(logged, known);
  const entry = {
    ...logged,
    userId: account === undefined ? logged.userId : account.userId,
    // A service account has no address, and its ID says nothing to people.
    actorId:
      accountOf({ ...logged, userId: logged.actorId, userEmail: logged.actorEmail }, known)?.name ??
      logged.actorId,
  };
  const isPerson = entry.userEmail !== undefined && account === undefined;
  switch (entry.action) {
    case 'team:create_service_account':
      return account?.isManaged || known.managedNames.has(account?.name ?? '')
        ? []
        : changesIn(teamsOf(entry, known, account), entry, 'account_created', account?.name);
    case 'user:create_api_key':
      return account ? changesIn([account.teamName], entry, 'key_created', account.name) : [];
    case 'user:delete_api_key':
      return account ? changesIn([account.teamName], entry, 'key_deleted', account.name) : [];
    case 'team:uninvite':
    case 'user:permanently_delete':
      if (account !== undefined) return deletionOf(entry, account);
      if (!isPerson) return [];
      return changesIn(
        teamsOf(entry, known, account),
        entry,
        entry.action === 'team:uninvite' ? 'person_removed' : 'person_deleted',
        entry.userEmail,
      );
    case 'team:invite_user':
      return isPerson && isAdminNow(entry, known)
        ? changesIn(teamsOf(entry, known, account), entry, 'admin_invited', entry.userEmail)
        : [];
    case 'organization:update_member':
      return isPerson
        ? changesIn(teamsOfPerson(entry, known), entry, 'organization_role_changed', entry.userEmail)
        : [];
    case 'user:deactivate':
      return isPerson
        ? changesIn(teamsOfPerson(entry, known), entry, 'person_deactivated', entry.userEmail)
        : [];
    case 'user:reactivate':
      return isPerson
        ? changesIn(teamsOfPerson(entry, known), entry, 'person_reactivated', entry.userEmail)
        : [];
    case 'team:delete':
      return changesIn(teamsOf(entry, known, account), entry, 'team_deleted', undefined);
    case 'team:create':
    case 'user:create':
      return [];
  }
}

/** An account is deleted once, though the log may have several entries about it. */
function deletionOf(entry: AuditLogEntry, account: KnownUser): OutsideChange[] {
  const changes = changesIn([account.teamName], entry, 'account_deleted', account.name);
  return changes.map((change) => ({ ...change, entryId: `deleted:${account.userId}` }));
}

/** Returns the service account that the entry is about, if it is about one of a served team. */
function accountOf(
  { userId, userEmail, entityName }: AuditLogEntry,
  known: KnownOrganization,
): KnownUser | undefined {
  if (userId === undefined) return undefined;
  const stored = known.users.get(userKey(userId));
  if (stored !== undefined) return known.served.has(stored.teamName) ? stored : undefined;
  const shown = known.shown.accounts.get(userKey(userId));
  if (shown !== undefined) return shown;
  // Only people have an address. The account is no longer in its team, or never was.
  const isServed = entityName !== undefined && known.served.has(entityName);
  if (userEmail !== undefined || !isServed) return undefined;
  return { userId, teamName: entityName, name: userId, isManaged: false };
}

function teamsOf(
  { entityName }: AuditLogEntry,
  { served }: KnownOrganization,
  account: KnownUser | undefined,
) {
  const teamName = entityName ?? account?.teamName;
  return teamName !== undefined && served.has(teamName) ? [teamName] : [];
}

/** Returns the served teams that the person is in. */
function teamsOfPerson({ userEmail = '' }: AuditLogEntry, { shown }: KnownOrganization): string[] {
  return [...(shown.people.get(userEmail)?.keys() ?? [])];
}

function isAdminNow(
  { entityName = '', userEmail = '' }: AuditLogEntry,
  { shown }: KnownOrganization,
): boolean {
  return shown.people.get(userEmail)?.get(entityName) === true;
}

const MAX_TEXT_LENGTH = 200;

/** Anyone in W&B can choose these texts, and one may be a pasted key. */
function bounded(text: string): string;
function bounded(text: string | undefined): string | undefined;
function bounded(text: string | undefined): string | undefined {
  // A part of a key doesn't look like one, so the text is cut after that.
  const cleaned = text === undefined ? undefined : withoutCredentials(text.slice(0, 10 * MAX_TEXT_LENGTH));
  return cleaned?.slice(0, MAX_TEXT_LENGTH).toWellFormed();
}

function changesIn(
  teamNames: readonly string[],
  { id: entryId, atMs, actorEmail, actorId, userId }: AuditLogEntry,
  kind: OutsideChange['kind'],
  subject: string | undefined,
): OutsideChange[] {
  return teamNames.map((teamName) => ({
    entryId,
    teamName,
    kind,
    atMs,
    actor: bounded(actorEmail ?? actorId),
    // Compared with members, so it is exact or missing.
    userId: userId !== undefined && userId.length <= MAX_TEXT_LENGTH ? userId : undefined,
    subject: bounded(subject),
  }));
}
