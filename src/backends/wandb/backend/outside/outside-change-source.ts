import type {
  KnownUser,
  LogPage,
  LogPosition,
  OutsideChangeSource,
} from '../../../../application/outside-changes/outside-change-store.ts';
import type { AuditLogClient } from '../../audit-log/audit-log-client.ts';
import type { AuditLogEntry } from '../../audit-log/audit-log-entry.ts';
import { readViewer } from '../../client/queries/read-viewer.ts';
import { backendFailureOf, required } from '../backend-failure.ts';
import { readTeams } from '../person-teams.ts';
import type { WandbContext } from '../wandb-context.ts';
import {
  isOwnDoing,
  type KnownOrganization,
  keyEventOf,
  outsideChangesOf,
  shownMembers,
  userIdForms,
  userKey,
} from './classify-entry.ts';

/** No server's cursor is that long; a longer one isn't stored. */
const MAX_CURSOR_LENGTH = 2_000;

/** Creates the source that compares the server's audit log with what Keysmith knows of its teams. */
export function createOutsideChangeSource(
  context: WandbContext,
  auditLog: AuditLogClient,
): OutsideChangeSource {
  return {
    async read({ day, cursor }) {
      const read = await auditLog.read({ day, ...(cursor !== undefined && { cursor }) });
      if (!read.ok) return { ok: false, failure: backendFailureOf(read.failure).reason };
      const { entries, next } = read.value;
      if ((next?.cursor?.length ?? 0) > MAX_CURSOR_LENGTH) return { ok: false, failure: 'cursor_too_long' };
      return { ok: true, page: await pageOf(context, { entries, next }) };
    },
  };
}

async function pageOf(
  context: WandbContext,
  { entries, next }: { entries: AuditLogEntry[]; next: LogPosition | undefined },
): Promise<LogPage> {
  // The server's order isn't documented, and an action may undo an earlier one.
  const sorted = entries.toSorted((one, other) => one.atMs - other.atMs);
  const newestAtMs = sorted.at(-1)?.atMs;
  if (sorted.length === 0) return { changes: [], keyEvents: [], newestAtMs, next };
  const own = required(await readViewer(context.client));
  const users = await knownUsers(context.store, sorted);
  const keyEvents = sorted
    .flatMap((entry) => keyEventOf(entry, own))
    .flatMap((event) => {
      const user = users.get(userKey(event.userId));
      return user?.isManaged ? [{ ...event, userId: user.userId }] : [];
    });
  const others = sorted.filter((entry) => !isOwnDoing(entry, own));
  if (others.length === 0) return { changes: [], keyEvents, newestAtMs, next };
  const known = { own, users, ...(await knownTeams(context, others)) };
  const changes = others.flatMap((entry) => {
    const found = outsideChangesOf(entry, known);
    // The next entries about an account name only its user.
    for (const { kind, userId, teamName, subject } of found) {
      if (kind !== 'account_created' || userId === undefined) continue;
      users.set(userKey(userId), { userId, teamName, name: subject ?? userId, isManaged: false });
    }
    return found;
  });
  return { changes, keyEvents, newestAtMs, next };
}

/** SQLite limits the parameters of a statement, and servers return a whole day at once. */
const USERS_AT_ONCE = 500;

async function knownUsers(
  store: WandbContext['store'],
  entries: readonly AuditLogEntry[],
): Promise<Map<string, KnownUser>> {
  const ids = entries.flatMap(({ userId }) => (userId === undefined ? [] : userIdForms(userId)));
  const forms = [...new Set(ids)];
  const users = new Map<string, KnownUser>();
  for (let at = 0; at < forms.length; at += USERS_AT_ONCE) {
    const found = await store.usersOnServer(forms.slice(at, at + USERS_AT_ONCE));
    for (const user of found) users.set(userKey(user.userId), user);
  }
  return users;
}

async function knownTeams(
  context: WandbContext,
  entries: readonly AuditLogEntry[],
): Promise<Pick<KnownOrganization, 'served' | 'shown' | 'managedNames'>> {
  const { store, teams } = context;
  const names = await store.teamNames();
  const { names: managedNames } = await store.knownOnServer(names);
  // As they are after these entries.
  for (const { entityName } of entries) if (entityName !== undefined) teams.forget(entityName);
  const read = await readTeams(context, names);
  return {
    served: new Set(names),
    shown: shownMembers(read),
    managedNames,
  };
}
