import { randomBytes } from 'node:crypto';

/** What a W&B server of the sandbox starts with. */
export interface OrganizationSeed {
  name: string;
  /** URLs of the JWT issuers that its OAuth providers stand for. */
  issuers: string[];
  people: WandbPersonSeed[];
  teams: WandbTeamSeed[];
}

interface WandbPersonSeed {
  username: string;
  name: string;
  email: string;
  /** `viewer.admin`: of the organization and of the instance. */
  admin?: boolean;
  /** Default `USER`; `VIEWER` has a view-only seat. */
  accountType?: 'USER' | 'VIEWER';
}

interface WandbTeamSeed {
  name: string;
  members: { username: string; role: TeamRole; pending?: boolean }[];
}

/** What W&B calls a view-only member is a `viewer` on the wire. */
export type TeamRole = 'admin' | 'member' | 'viewer';

/** The people of the Slack stand-in's Acme; W&B keeps addresses as they were typed, so letter case differs. */
export const acmeOrganization: OrganizationSeed = {
  name: 'acme',
  issuers: ['https://token.actions.githubusercontent.com', 'https://gitlab.acme.test'],
  people: [
    { username: 'ada', name: 'Ada Lindqvist', email: 'Ada@acme.test' },
    { username: 'benj', name: 'Ben Okafor', email: 'ben@Acme.test' },
    { username: 'cy', name: 'Cy Marchetti', email: 'CY@acme.test', admin: true },
    { username: 'dee', name: 'Dee Tanaka', email: 'dee@acme.test' },
    { username: 'eve', name: 'Eve Adeyemi', email: 'eve@acme.test' },
  ],
  teams: [
    {
      name: 'ml-platform',
      members: [
        { username: 'ada', role: 'admin' },
        { username: 'benj', role: 'member' },
      ],
    },
    { name: 'research', members: [{ username: 'eve', role: 'admin' }] },
  ],
};

type IdType = 'User' | 'Entity' | 'Organization' | 'ApiKey' | 'OAuthProvider' | 'OAuthClient';

/** Opaque as W&B's: base64 of `User:7`. */
function createWandbIds(): (type: IdType) => string {
  let last = 0;
  return (type) => Buffer.from(`${type}:${++last}`).toString('base64');
}

/** As self-managed servers make them: 40 characters after the first hyphen, which every SDK accepts. */
function newApiKeySecret(): string {
  return `local-${randomBytes(20).toString('hex')}`;
}

/** The public part, which newer servers list instead of the secret. */
export function keyPrefix(secret: string): string {
  return secret.slice(0, 'local-'.length + 8);
}

export interface WandbUser {
  id: string;
  username: string;
  name: string;
  /** Service accounts have none. */
  email: string | null;
  admin: boolean;
  accountType: 'USER' | 'SERVICE' | 'VIEWER' | 'ANONYMOUS';
}

export interface Membership {
  user: WandbUser;
  role: TeamRole;
  /** Invited, and not in yet. */
  pending: boolean;
}

export interface WandbTeam {
  id: string;
  name: string;
  /** In the order in which they joined. */
  memberships: Membership[];
}

export interface WandbApiKey {
  id: string;
  secret: string;
  description: string | null;
  user: WandbUser;
}

interface OAuthProvider {
  id: string;
  issuerUrl: string;
}

export interface OAuthClient {
  id: string;
  subject: string;
  provider: OAuthProvider;
  team: WandbTeam;
  user: WandbUser;
}

export interface WandbState {
  organization: { id: string; name: string };
  users: WandbUser[];
  teams: WandbTeam[];
  keys: WandbApiKey[];
  providers: OAuthProvider[];
  clients: OAuthClient[];
  team(name: string): WandbTeam | undefined;
  /** By e-mail address, whatever its letter case, or by username. */
  person(emailOrUsername: string): WandbUser | undefined;
  teamsOf(user: WandbUser): WandbTeam[];
  keysOf(user: WandbUser): WandbApiKey[];
  addPerson(seed: WandbPersonSeed): WandbUser;
  addServiceAccount(team: WandbTeam, name: string): WandbUser;
  addKey(user: WandbUser, description?: string | null, secret?: string): WandbApiKey;
  addProvider(issuerUrl: string): OAuthProvider;
  addClient(client: Omit<OAuthClient, 'id'>): OAuthClient;
  /** A service account ends with its membership: its keys and clients are gone with it. */
  removeMember(team: WandbTeam, user: WandbUser): void;
}

type Records = Pick<WandbState, 'organization' | 'users' | 'teams' | 'keys' | 'providers' | 'clients'>;

export function createWandbState(seed: OrganizationSeed): WandbState {
  const newId = createWandbIds();
  const records: Records = {
    organization: { id: newId('Organization'), name: seed.name },
    users: [],
    teams: [],
    keys: [],
    providers: [],
    clients: [],
  };
  const state: WandbState = { ...records, ...lookUps(records), ...changes(records, newId) };
  for (const issuerUrl of seed.issuers) state.addProvider(issuerUrl);
  for (const person of seed.people) state.addKey(state.addPerson(person));
  for (const { name, members } of seed.teams) {
    const memberships = members.map(({ username, role, pending = false }) => {
      const user = state.person(username);
      if (!user) throw new Error(`${username} of ${name} is not among the people`);
      return { user, role, pending };
    });
    state.teams.push({ id: newId('Entity'), name, memberships });
  }
  return state;
}

function lookUps({ users, teams, keys }: Records) {
  return {
    team: (name: string) => teams.find((team) => team.name === name),
    person(emailOrUsername: string) {
      const email = emailOrUsername.toLowerCase();
      return users.find((user) => user.email?.toLowerCase() === email || user.username === emailOrUsername);
    },
    teamsOf: (member: WandbUser) =>
      teams.filter(({ memberships }) => memberships.some(({ user, pending }) => user === member && !pending)),
    keysOf: (owner: WandbUser) => keys.filter(({ user }) => user === owner),
  };
}

function changes({ users, keys, providers, clients }: Records, newId: ReturnType<typeof createWandbIds>) {
  const addUser = (user: Omit<WandbUser, 'id'>): WandbUser => push(users, { id: newId('User'), ...user });
  return {
    addPerson: ({ username, name, email, admin = false, accountType = 'USER' }: WandbPersonSeed) =>
      addUser({ username, name, email, admin, accountType }),
    addServiceAccount(team: WandbTeam, name: string) {
      const username = `${team.name}-service-${users.length + 1}`;
      const user = addUser({ username, name, email: null, admin: false, accountType: 'SERVICE' });
      team.memberships.push({ user, role: 'member', pending: false });
      return user;
    },
    addKey: (user: WandbUser, description: string | null = null, secret = newApiKeySecret()) =>
      push(keys, { id: newId('ApiKey'), secret, description, user }),
    addProvider: (issuerUrl: string) => push(providers, { id: newId('OAuthProvider'), issuerUrl }),
    addClient: (client: Omit<OAuthClient, 'id'>) => push(clients, { id: newId('OAuthClient'), ...client }),
    removeMember(team: WandbTeam, member: WandbUser) {
      removeWhere(team.memberships, ({ user }) => user === member);
      if (member.accountType !== 'SERVICE') return;
      removeWhere(keys, ({ user }) => user === member);
      removeWhere(clients, ({ user }) => user === member);
      removeWhere(users, (user) => user === member);
    },
  };
}

function push<T>(list: T[], one: T): T {
  list.push(one);
  return one;
}

function removeWhere<T>(list: T[], isGone: (one: T) => boolean): void {
  for (let at = list.length - 1; at >= 0; at -= 1) {
    const one = list[at];
    if (one !== undefined && isGone(one)) list.splice(at, 1);
  }
}
