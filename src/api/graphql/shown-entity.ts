import { setImmediate } from 'node:timers/promises';
import type { TeamView } from '../../application/ports/authority-store.ts';
import { nodeId } from './node-id.ts';

const MEMBERS_A_TURN = 100;

/** A team as W&B's client reads it. */
export function shownEntity(team: TeamView) {
  return {
    id: nodeId('Entity', team.id),
    name: team.name,
    available: true,
    photoUrl: null,
    readOnly: false,
    readOnlyAdmin: false,
    isTeam: true,
    entityType: 'team',
    privateOnly: false,
    // An Int64 is a string on the wire. Keysmith stores no runs.
    storageBytes: '0',
    codeSavingEnabled: true,
    defaultAccess: 'PRIVATE',
    isPaid: false,
    members: () => inTurns([...people(team), ...serviceAccounts(team)]),
  };
}

/** Others are served between them: a team may have thousands of members. */
async function* inTurns<Item>(items: readonly Item[]): AsyncGenerator<Item> {
  for (const [index, item] of items.entries()) {
    if (index % MEMBERS_A_TURN === MEMBERS_A_TURN - 1) await setImmediate();
    yield item;
  }
}

function people({ members }: TeamView) {
  return members.map(({ email, username, role }) => ({
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
  }));
}

/** After the people, as on W&B's servers: SDKs take the last member for the newest account. */
function serviceAccounts({ serviceAccounts: accounts }: TeamView) {
  return accounts.map(({ id, name }) => ({
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
  }));
}
