/** The initial data of the local W&B server. */
export interface OrganizationSeed {
  name: string;
  /** The URLs of the JWT issuers, each of which becomes an OAuth provider. */
  issuers: string[];
  people: WandbPersonSeed[];
  teams: WandbTeamSeed[];
}

export interface WandbPersonSeed {
  username: string;
  name: string;
  email: string;
  /** `viewer.admin`: an admin of the organization and of the instance. */
  admin?: boolean;
  /** Default `USER`; `VIEWER` has a view-only seat. */
  accountType?: 'USER' | 'VIEWER';
}

interface WandbTeamSeed {
  name: string;
  members: { username: string; role: TeamRole; pending?: boolean }[];
}

/** A view-only member is a `viewer` on the wire. */
export type TeamRole = 'admin' | 'member' | 'viewer';

/**
 * The people of the local Slack's Acme. The letter case of some email addresses differs, because W&B keeps addresses as
 * people typed them.
 */
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

/** The differences between W&B servers of various versions and settings. */
export interface Capabilities {
  /** `members.apiKey` of a service account is the secret for admins of the team; off: always null. */
  showsServiceAccountKeys: boolean;
  /** Off: `createServiceAccount` is refused, as when an operator has disabled team service accounts. */
  teamServiceAccountsEnabled: boolean;
  /** Off: the schema has neither OAuth providers nor clients, and no JWT is exchanged. */
  hasOAuthClients: boolean;
  /** Off: `Member` has no `OAuthClients`, although the server has clients. */
  hasOAuthClientsOnMember: boolean;
  /** Off: the schema has no `deleteApiKey`. */
  hasDeleteApiKey: boolean;
  /** `ApiKey.name` in lists is the secret, as on old servers; off: the first characters of the secret. */
  keysListedWithSecrets: boolean;
  /** Off: `users` is refused, even to admins. */
  allowsUsersQuery: boolean;
  /** How long an access token is valid that a JWT was exchanged for. */
  accessTokenSeconds: number;
  /** Off: the schema has no runs, and their routes are missing. */
  keepsRuns: boolean;
  /** The names in `serverInfo.features`: `STRUCTURED_CONSOLE_LOGS`, … */
  features: readonly string[];
  /** `versionOnThisInstanceString`; null as on W&B's own cloud, which shows no version. */
  version: string | null;
}

export const defaultCapabilities: Capabilities = {
  showsServiceAccountKeys: true,
  teamServiceAccountsEnabled: true,
  hasOAuthClients: true,
  hasOAuthClientsOnMember: true,
  hasDeleteApiKey: true,
  keysListedWithSecrets: false,
  allowsUsersQuery: true,
  accessTokenSeconds: 3600,
  keepsRuns: true,
  features: [],
  version: '0.75.1',
};
