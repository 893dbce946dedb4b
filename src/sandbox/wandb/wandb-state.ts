import { randomBytes } from 'node:crypto';
import type { OrganizationSeed, TeamRole, WandbPersonSeed } from './wandb-seed.ts';

export interface WandbUser {
  id: string;
  username: string;
  name: string;
  /** Null for service accounts. */
  email: string | null;
  admin: boolean;
  accountType: 'USER' | 'SERVICE' | 'VIEWER' | 'ANONYMOUS';
  /** A service account of the organization, which is a member of every team. */
  isOrganizationAccount: boolean;
  /** False after a deactivation: no key works. Memberships stay for a reactivation. */
  active: boolean;
  createdAtMs: number;
}

export interface Membership {
  user: WandbUser;
  role: TeamRole;
  /** Invited but not yet a member. */
  pending: boolean;
}

export interface WandbTeam {
  id: string;
  name: string;
  /** In the order of joining. */
  memberships: Membership[];
  createdAtMs: number;
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

/** What a JWT was exchanged for. It ends with its client. */
interface WandbAccessToken {
  secret: string;
  client: OAuthClient;
  expiresAtMs: number;
}

export interface WandbState {
  organization: { id: string; name: string };
  users: WandbUser[];
  teams: WandbTeam[];
  keys: WandbApiKey[];
  providers: OAuthProvider[];
  clients: OAuthClient[];
  /** The last 1000. */
  accessTokens: WandbAccessToken[];
  team(name: string): WandbTeam | undefined;
  /** Finds a person by email address, ignoring its letter case, or by username. */
  person(emailOrUsername: string): WandbUser | undefined;
  teamsOf(user: WandbUser): WandbTeam[];
  keysOf(user: WandbUser): WandbApiKey[];
  addPerson(seed: WandbPersonSeed): WandbUser;
  /** Default for the username: one that contains the team's name. */
  addServiceAccount(team: WandbTeam, name: string, username?: string): WandbUser;
  /** Adds an account of the organization to every team, first to its default team. */
  addOrganizationAccount(defaultTeam: WandbTeam, name: string): WandbUser;
  addKey(user: WandbUser, description?: string | null, secret?: string): WandbApiKey;
  addProvider(issuerUrl: string): OAuthProvider;
  addClient(client: Omit<OAuthClient, 'id'>): OAuthClient;
  addAccessToken(token: Omit<WandbAccessToken, 'secret'>): WandbAccessToken;
  /** Removes the organization's issuers with their clients. */
  removeProviders(): void;
  /** Removes a membership; a service account of the team is deleted with its keys and clients. */
  removeMember(team: WandbTeam, user: WandbUser, options?: RemovalOptions): void;
  /** Removes all memberships, keys and clients too. */
  removeUser(user: WandbUser, options?: RemovalOptions): void;
  /** The organization's service accounts become members. */
  addTeam(name: string): WandbTeam;
  /** Removes a team with its service accounts. */
  removeTeam(team: WandbTeam, options?: RemovalOptions): void;
}

interface RemovalOptions {
  /** A deleted service account leaves its keys. */
  keepsKeys?: boolean;
}

type Records = Pick<
  WandbState,
  'organization' | 'users' | 'teams' | 'keys' | 'providers' | 'clients' | 'accessTokens'
>;

const MAX_ACCESS_TOKENS = 1000;

export function createWandbState(seed: OrganizationSeed, now: () => number): WandbState {
  const newId = createWandbIds();
  const records: Records = {
    organization: { id: newId('Organization'), name: seed.name },
    users: [],
    teams: [],
    keys: [],
    providers: [],
    clients: [],
    accessTokens: [],
  };
  const state: WandbState = {
    ...records,
    ...createLookups(records),
    ...createChanges(records, { newId, now }),
  };
  for (const issuerUrl of seed.issuers) state.addProvider(issuerUrl);
  for (const person of seed.people) state.addKey(state.addPerson(person));
  for (const { name, members } of seed.teams) {
    const memberships = members.map(({ username, role, pending = false }) => {
      const user = state.person(username);
      if (!user) throw new Error(`${username}, a member of ${name}, is missing from the people`);
      return { user, role, pending };
    });
    state.teams.push({ id: newId('Entity'), name, memberships, createdAtMs: now() });
  }
  return state;
}

function createLookups({ users, teams, keys }: Records) {
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

function createChanges(
  { users, teams, keys, providers, clients, accessTokens }: Records,
  { newId, now }: { newId: ReturnType<typeof createWandbIds>; now: () => number },
) {
  const addUser = (
    user: Pick<WandbUser, 'username' | 'name' | 'email' | 'accountType'> & Partial<WandbUser>,
  ) =>
    push(users, {
      id: newId('User'),
      admin: false,
      isOrganizationAccount: false,
      active: true,
      createdAtMs: now(),
      ...user,
    });
  const removeUser = (removed: WandbUser, { keepsKeys = false }: RemovalOptions = {}) => {
    for (const { memberships } of teams) removeWhere(memberships, ({ user }) => user === removed);
    if (!keepsKeys || removed.accountType !== 'SERVICE') removeWhere(keys, ({ user }) => user === removed);
    Object.assign(removed, { admin: false, isOrganizationAccount: false });
    removeWhere(clients, ({ user }) => user === removed);
    removeWhere(users, (user) => user === removed);
  };
  const removeMember = (team: WandbTeam, member: WandbUser, options?: RemovalOptions) => {
    if (member.accountType === 'SERVICE' && !member.isOrganizationAccount) removeUser(member, options);
    else removeWhere(team.memberships, ({ user }) => user === member);
  };
  return {
    addPerson: ({ username, name, email, admin = false, accountType = 'USER' }: WandbPersonSeed) =>
      addUser({ username, name, email, admin, accountType }),
    addServiceAccount(team: WandbTeam, name: string, username = `${team.name}-service-${users.length + 1}`) {
      const user = addUser({ username, name, email: null, accountType: 'SERVICE' });
      team.memberships.push({ user, role: 'member', pending: false });
      return user;
    },
    addOrganizationAccount(defaultTeam: WandbTeam, name: string) {
      const account = { username: name, name, email: null, accountType: 'SERVICE' } as const;
      const user = addUser({ ...account, isOrganizationAccount: true });
      for (const team of [defaultTeam, ...teams.filter((one) => one !== defaultTeam)]) {
        team.memberships.push({ user, role: 'member', pending: false });
      }
      return user;
    },
    addKey: (user: WandbUser, description: string | null = null, secret = newApiKeySecret()) =>
      push(keys, { id: newId('ApiKey'), secret, description, user }),
    addProvider: (issuerUrl: string) => push(providers, { id: newId('OAuthProvider'), issuerUrl }),
    addClient: (client: Omit<OAuthClient, 'id'>) => push(clients, { id: newId('OAuthClient'), ...client }),
    addAccessToken(token: Omit<WandbAccessToken, 'secret'>) {
      if (accessTokens.length >= MAX_ACCESS_TOKENS) accessTokens.shift();
      return push(accessTokens, { secret: randomBytes(32).toString('base64url'), ...token });
    },
    removeProviders() {
      clients.length = 0;
      providers.length = 0;
    },
    removeMember,
    removeUser,
    addTeam(name: string) {
      const accounts = users.filter(({ isOrganizationAccount }) => isOrganizationAccount);
      const memberships = accounts.map((user): Membership => ({ user, role: 'member', pending: false }));
      return push(teams, { id: newId('Entity'), name, memberships, createdAtMs: now() });
    },
    removeTeam(team: WandbTeam, options?: RemovalOptions) {
      for (const { user } of [...team.memberships]) removeMember(team, user, options);
      removeWhere(teams, (one) => one === team);
    },
  };
}

type IdType = 'User' | 'Entity' | 'Organization' | 'ApiKey' | 'OAuthProvider' | 'OAuthClient';

/** Creates IDs like W&B's: the base64 of `User:7`. */
function createWandbIds(): (type: IdType) => string {
  let last = 0;
  return (type) => Buffer.from(`${type}:${++last}`).toString('base64');
}

const NEW_KEY = 'wandb_v1_';
const OLD_KEY = 'local-';

/**
 * Returns a key in the format of older self-managed servers, with 40 characters after the first hyphen, which every SDK accepts; or
 * in the format since 0.77, with 86 characters in all.
 */
export function newApiKeySecret(format: 'local' | 'wandb_v1' = 'local'): string {
  if (format === 'local') return `${OLD_KEY}${randomBytes(20).toString('hex')}`;
  const random = randomBytes(58).toString('base64url').replaceAll('-', '0');
  return `${NEW_KEY}${random.slice(0, 86 - NEW_KEY.length)}`;
}

/** Returns the public part of a key, which newer servers list instead of the secret. */
export function keyPrefix(secret: string): string {
  return secret.slice(0, (secret.startsWith(NEW_KEY) ? NEW_KEY : OLD_KEY).length + 8);
}

function push<T>(list: T[], one: T): T {
  list.push(one);
  return one;
}

export function removeWhere<T>(list: T[], matches: (one: T) => boolean): void {
  for (let at = list.length - 1; at >= 0; at -= 1) {
    const one = list[at];
    if (one !== undefined && matches(one)) list.splice(at, 1);
  }
}
