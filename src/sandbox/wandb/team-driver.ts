import type { TeamRole } from './organization-seed.ts';
import type {
  Membership,
  OAuthClient,
  WandbApiKey,
  WandbState,
  WandbTeam,
  WandbUser,
} from './wandb-state.ts';

/** A member as the team's page would show them. */
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

/** What people do in the team's page while a test goes on; nothing of it is a call. */
export interface TeamDriver {
  id: string;
  /** Everybody, service accounts too, in W&B's order. */
  members(): TeamMember[];
  serviceAccounts(): TeamServiceAccount[];
  /** Of a person who has no account yet, it makes one. */
  addMember(email: string, options?: { role?: TeamRole; pending?: boolean }): TeamMember;
  setAdmin(email: string, isAdmin: boolean): void;
  acceptInvite(email: string): void;
  /** By e-mail address, username or ID; ends a service account. */
  removeMember(member: string): void;
  createServiceAccountElsewhere(name: string): { id: string; name: string; apiKey: string };
}

export function createTeamDriver(state: WandbState, teamName: string): TeamDriver {
  const found = state.team(teamName);
  if (!found) throw new Error(`There is no team ${teamName}`);
  const team = found;

  function membershipOf(member: string): Membership {
    const person = state.person(member);
    const membership = team.memberships.find(({ user }) => user === person || user.id === member);
    if (!membership) throw new Error(`${member} is not a member of ${team.name}`);
    return membership;
  }

  return {
    id: team.id,
    members: () => team.memberships.map(shownMembership),
    serviceAccounts: () => serviceAccountsOf(state, team),
    addMember(email, { role = 'member', pending = false } = {}) {
      const user =
        state.person(email) ?? state.addPerson({ username: usernameOf(email), name: email, email });
      if (!pending && state.keysOf(user).length === 0) state.addKey(user);
      if (team.memberships.some((one) => one.user === user)) throw new Error(`${email} is a member already`);
      const membership = { user, role, pending };
      team.memberships.push(membership);
      return shownMembership(membership);
    },
    setAdmin(email, isAdmin) {
      membershipOf(email).role = isAdmin ? 'admin' : 'member';
    },
    acceptInvite(email) {
      const membership = membershipOf(email);
      membership.pending = false;
      if (state.keysOf(membership.user).length === 0) state.addKey(membership.user);
    },
    removeMember: (member) => state.removeMember(team, membershipOf(member).user),
    createServiceAccountElsewhere(name) {
      const user = state.addServiceAccount(team, name);
      return { id: user.id, name, apiKey: state.addKey(user).secret };
    },
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
      OAuthClients: clients.filter((client) => client.user === user).map(shownClient),
    }));
}

function shownMembership({ user, role, pending }: Membership): TeamMember {
  const { id, username, name, email, accountType } = user;
  return { id, username, name, email, role, pending, accountType };
}

const shownClient = ({ id, subject, provider }: OAuthClient) => ({
  id,
  subject,
  issuerUrl: provider.issuerUrl,
});

const usernameOf = (email: string) => email.toLowerCase().replace(/@.*/, '');
