import type { AccountChanges } from '../../src/sandbox/wandb/account-changes.ts';
import { createSchemas } from '../../src/sandbox/wandb/graphql/graphql-response.ts';
import {
  type LocalWandb,
  type LocalWandbOptions,
  startLocalWandb,
} from '../../src/sandbox/wandb/local-wandb.ts';
import type { TeamRole } from '../../src/sandbox/wandb/wandb-seed.ts';
import type {
  Membership,
  OAuthClient,
  WandbApiKey,
  WandbState,
  WandbTeam,
  WandbUser,
} from '../../src/sandbox/wandb/wandb-state.ts';

/** A local W&B with what people do in W&B's own pages. None of these methods is a call, so none is recorded. */
export interface DrivenWandb extends LocalWandb {
  team(name: string): TeamDriver;
  /** Returns an API key of a person, by email address or username, to make calls as them. */
  keyOf(person: string): string;
  activeKeys(): ActiveKey[];
  /** Creates a named key of a person or service account, by email address, username or ID, and returns its secret. */
  createKey(owner: string, description?: string): string;
  /** Deletes a key as its owner would. */
  deleteKey(secret: string): void;
  createTeam(name: string): TeamDriver;
  deleteTeam(name: string): void;
  /** Deactivates a person, or reactivates them. */
  setActive(person: string, active: boolean): void;
  setOrganizationAdmin(person: string, isAdmin: boolean): void;
}

interface ActiveKey {
  id: string;
  secret: string;
  description: string | null;
  owner: { id: string; username: string; name: string; accountType: string };
}

/** The team's page. */
interface TeamDriver {
  id: string;
  /** All members, including service accounts, in W&B's order. */
  members(): TeamMember[];
  serviceAccounts(): TeamServiceAccount[];
  /** Also creates the user if there is none with this address. */
  addMember(email: string, options?: { role?: TeamRole; pending?: boolean }): TeamMember;
  setAdmin(email: string, isAdmin: boolean): void;
  acceptInvite(email: string): void;
  /** Removes a member by email address, username or ID; a service account is deleted. */
  removeMember(member: string): void;
  createServiceAccount(name: string): { id: string; name: string; apiKey: string };
  /** Creates an account without a key, as servers do from 0.79 on. */
  createAccountWithoutKey(name: string): { id: string; name: string };
}

interface TeamMember {
  id: string;
  username: string;
  name: string;
  email: string | null;
  role: TeamRole;
  pending: boolean;
  accountType: WandbUser['accountType'];
}

interface TeamServiceAccount {
  id: string;
  username: string;
  name: string;
  keys: Pick<WandbApiKey, 'id' | 'secret' | 'description'>[];
  OAuthClients: { id: string; subject: string; issuerUrl: string }[];
}

/** Schemas don't change, so all servers of the tests share them. */
const schemas = createSchemas();

export async function startDrivenWandb(options: LocalWandbOptions = {}): Promise<DrivenWandb> {
  const wandb = await startLocalWandb({ schemas, ...options });
  const { state, changesBy } = wandb;
  const admin = state.users.find((user) => user.admin && user.username !== 'keysmith');
  const changes = changesBy(admin);
  const userOf = (name: string) => {
    const user = state.person(name) ?? state.users.find(({ id }) => id === name);
    if (!user) throw new Error(`No such user: ${name}`);
    return user;
  };
  const team = (name: string) => createTeamDriver({ state, changes }, name);
  return {
    ...wandb,
    team,
    keyOf(person) {
      const user = state.person(person);
      const key = user && state.keysOf(user)[0];
      if (!key) throw new Error(`${person} has no key`);
      return key.secret;
    },
    activeKeys: () =>
      state.keys.map(({ id, secret, description, user }) => {
        const { id: ownerId, username, name, accountType } = user;
        return { id, secret, description, owner: { id: ownerId, username, name, accountType } };
      }),
    createKey: (owner, description) => changes.createKey(userOf(owner), description).secret,
    deleteKey(secret) {
      const key = state.keys.find((one) => one.secret === secret);
      if (!key) throw new Error('No such key');
      changesBy(key.user).deleteKey(key);
    },
    createTeam: (name) => team(changes.createTeam(name).name),
    deleteTeam(name) {
      const found = state.team(name);
      if (found) changes.deleteTeam(found);
    },
    setActive: (person, active) => changes.setActive(userOf(person), active),
    setOrganizationAdmin: (person, isAdmin) => changes.setOrganizationAdmin(userOf(person), isAdmin),
  };
}

function createTeamDriver(
  { state, changes }: { state: WandbState; changes: AccountChanges },
  teamName: string,
): TeamDriver {
  const found = state.team(teamName);
  if (!found) throw new Error(`No such team: ${teamName}`);
  const team = found;

  function membershipOf(member: string): Membership {
    const person = state.person(member);
    const membership = team.memberships.find(({ user }) => user === person || user.id === member);
    if (!membership) throw new Error(`${member} is not a member of ${team.name}`);
    return membership;
  }

  return {
    id: team.id,
    members: () => team.memberships.map(teamMember),
    serviceAccounts: () => serviceAccountsOf(state, team),
    addMember(email, { role = 'member', pending = false } = {}) {
      const user =
        state.person(email) ?? state.addPerson({ username: usernameOf(email), name: email, email });
      if (!pending && state.keysOf(user).length === 0) state.addKey(user);
      if (team.memberships.some((one) => one.user === user)) {
        throw new Error(`${email} is already a member of ${team.name}`);
      }
      const membership = { user, role, pending };
      team.memberships.push(membership);
      return teamMember(membership);
    },
    setAdmin(email, isAdmin) {
      membershipOf(email).role = isAdmin ? 'admin' : 'member';
    },
    acceptInvite(email) {
      const membership = membershipOf(email);
      membership.pending = false;
      if (state.keysOf(membership.user).length === 0) state.addKey(membership.user);
    },
    removeMember: (member) => changes.removeMember(team, membershipOf(member).user),
    createServiceAccount(name) {
      const user = changes.createServiceAccount(team, name);
      return { id: user.id, name, apiKey: changes.createKey(user).secret };
    },
    createAccountWithoutKey: (name) => ({ id: changes.createServiceAccount(team, name).id, name }),
  };
}

function serviceAccountsOf(
  { keysOf, clients }: WandbState,
  { memberships }: WandbTeam,
): TeamServiceAccount[] {
  return memberships
    .filter(({ user }) => user.accountType === 'SERVICE')
    .map(({ user }) => ({
      id: user.id,
      username: user.username,
      name: user.name,
      keys: keysOf(user).map(({ id, secret, description }) => ({ id, secret, description })),
      OAuthClients: clients.filter((client) => client.user === user).map(clientSummary),
    }));
}

function teamMember({ user, role, pending }: Membership): TeamMember {
  const { id, username, name, email, accountType } = user;
  return { id, username, name, email, role, pending, accountType };
}

const clientSummary = ({ id, subject, provider }: OAuthClient) => ({
  id,
  subject,
  issuerUrl: provider.issuerUrl,
});

const usernameOf = (email: string) => email.toLowerCase().replace(/@.*/, '');
