import { setImmediate } from 'node:timers/promises';
import type { ListPart } from '../../application/ports/authority-store.ts';
import type { Store } from '../../application/ports/store.ts';
import type { TeamMember } from '../../domain/organization/team.ts';

export type StoredMember = TeamMember | { id: string; name: string };

/** Few enough that neither reading nor resolving them delays other requests. */
const MEMBERS_PER_TURN = 100;

/**
 * Reads the people of a team and then its service accounts, in turns with other requests: a team may have thousands. SDKs take
 * the last member for the newest service account, so these come last, as on W&B's servers.
 */
export async function readMembers(
  store: Pick<Store, 'teamPeople' | 'teamServiceAccounts'>,
  teamId: string,
): Promise<StoredMember[]> {
  return [
    ...(await readInTurns(
      (part) => store.teamPeople(teamId, part),
      ({ email }) => email,
    )),
    ...(await readInTurns(
      (part) => store.teamServiceAccounts(teamId, part),
      ({ name }) => name,
    )),
  ];
}

async function readInTurns<Item>(
  read: (part: ListPart) => Promise<Item[]>,
  keyOf: (item: Item) => string,
): Promise<Item[]> {
  const items: Item[] = [];
  let part: ListPart = { limit: MEMBERS_PER_TURN };
  for (;;) {
    const found = await read(part);
    items.push(...found);
    const last = found.at(-1);
    if (last === undefined || found.length < part.limit) return items;
    part = { ...part, after: keyOf(last) };
    await setImmediate();
  }
}

/** Yields each member as a GraphQL `Member`. */
export async function* listMembers(read: Promise<readonly StoredMember[]>) {
  for (const [index, member] of (await read).entries()) {
    if (index % MEMBERS_PER_TURN === MEMBERS_PER_TURN - 1) await setImmediate();
    yield 'role' in member ? toPerson(member) : toServiceAccount(member);
  }
}

function toPerson({ email, username, role }: TeamMember) {
  return {
    id: nodeId('User', username),
    name: username,
    username,
    email,
    photoUrl: null,
    admin: role === 'admin',
    pending: false,
    role,
    memberRole: role,
    accountType: 'USER',
    apiKey: null,
  };
}

function toServiceAccount({ id, name }: { id: string; name: string }) {
  return {
    id: nodeId('User', id),
    name,
    username: name,
    email: null,
    photoUrl: null,
    admin: false,
    pending: false,
    role: 'member',
    memberRole: 'member',
    accountType: 'SERVICE',
    // Older W&B servers show a secret here.
    apiKey: null,
  };
}

/** Returns an opaque ID in W&B's format. */
export function nodeId(type: 'Entity' | 'User' | 'ApiKey', id: string): string {
  return Buffer.from(`${type}:${id}`).toString('base64');
}
