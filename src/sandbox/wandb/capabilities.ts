/** Where a list or a response can be null although no W&B server should return that. */
export type Oddity = 'null_members' | 'null_edges' | 'null_features' | 'null_payloads';

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
  /** How `__type` and `__schema` are refused: HTTP 400, HTTP 200 with errors and without data, or HTTP 200 with null for them. */
  introspection: 'on' | 'http_400' | 'errors' | 'null';
  /** Off: `/scim/` is missing. */
  hasScim: boolean;
  /** Off: SCIM accepts HTTP Basic only, as before 0.79. */
  scimTakesBearer: boolean;
  /** One object with capitalized keys, as before 0.80.1, or an array with lower-case keys. */
  scimEmails: 'object' | 'array';
  /** Off: SCIM lists and creates no service accounts, as before 0.81. */
  scimServiceAccounts: boolean;
  /** `GET` shows the roles, which W&B documents only for `POST` and `PATCH`. */
  scimShowsRoles: boolean;
  /** Clients without the headers of the SDK's public client get neither the access of an admin nor keys: `relogin required`. */
  gatesAdminPrivileges: boolean;
  /** Lines of whole days only, as older servers return them whatever the parameters; off; or refused with 403 even to admins. */
  auditLog: 'on' | 'lines' | 'off' | 'forbidden';
  /** The format of new keys: `wandb_v1` since 0.77. */
  keyFormat: 'local' | 'wandb_v1';
  /** The keys of a deleted service account stay and work, until an admin deletes them in W&B. */
  keepsKeysOfDeleted: boolean;
  /** Off: `createServiceAccount` creates no key; since 0.79, an admin creates it in W&B as a second step. */
  createsKeyWithAccount: boolean;
  /** Off: only the organization's service accounts create keys, as with *Disable API key creation* of 0.84. */
  keyCreationEnabled: boolean;
  /** What the server returns beside the usual: members and features without values, edges and payloads of mutations that are null. */
  oddities: readonly Oddity[];
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
  introspection: 'on',
  hasScim: false,
  scimTakesBearer: false,
  scimEmails: 'object',
  scimServiceAccounts: false,
  scimShowsRoles: false,
  gatesAdminPrivileges: false,
  auditLog: 'off',
  keyFormat: 'local',
  keepsKeysOfDeleted: false,
  createsKeyWithAccount: true,
  keyCreationEnabled: true,
  oddities: [],
  features: [],
  version: '0.75.1',
};
