import type { FastifyInstance } from 'fastify';
import { createPageGuard, pageHeaders } from '../http/page-guard.ts';
import {
  keyPrefix,
  type Membership,
  type OAuthClient,
  type TeamRole,
  type WandbApiKey,
  type WandbState,
  type WandbTeam,
  type WandbUser,
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
  createServiceAccount(name: string): { id: string; name: string; apiKey: string };
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
    createServiceAccount(name) {
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

/** `/<team>/service-accounts`, where links to W&B lead; it shows no secrets and asks for no log-in. */
export function addTeamPage(
  server: FastifyInstance,
  parts: { basePath: string; state: WandbState; port: () => number },
): void {
  const guard = createPageGuard(parts.port);
  server.get<{ Params: { team: string } }>(
    `${parts.basePath}/:team/service-accounts`,
    { onRequest: guard },
    async (request, reply) => {
      const team = parts.state.team(request.params.team);
      const title = team ? `Service accounts of ${team.name}` : 'There is no such team';
      const content = team ? accountList(parts.state, team) : '';
      return reply
        .code(team ? 200 : 404)
        .headers(pageHeaders(''))
        .type('text/html; charset=utf-8')
        .send(page(title, content));
    },
  );
}

function accountList(state: WandbState, { memberships }: WandbTeam): string {
  const accounts = memberships.map(({ user }) => user).filter(({ accountType }) => accountType === 'SERVICE');
  if (accounts.length === 0) return '<p>None yet.</p>';
  const rows = accounts.map(
    (user) => `<tr><td>${escapeHtml(user.name)}</td><td>${method(state, user)}</td></tr>`,
  );
  return `<table>
<thead><tr><th scope="col">Name</th><th scope="col">Authentication</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>`;
}

function method({ clients, keysOf }: WandbState, user: WandbUser): string {
  const client = clients.find((one) => one.user === user);
  if (client) return escapeHtml(`Federated identity: ${client.subject} of ${client.provider.issuerUrl}`);
  const prefixes = keysOf(user).map(({ secret }) => `${keyPrefix(secret)}…`);
  return escapeHtml(prefixes.length > 0 ? `API keys: ${prefixes.join(', ')}` : 'No API key');
}

function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${escapeHtml(title)}</title></head>
<body>
<h1>${escapeHtml(title)}</h1>
${content}
<p>A stand-in for a W&amp;B server, on this machine only.</p>
</body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
