/** How servers of different ages and settings differ. */
export interface Capabilities {
  /** `members.apiKey` of service accounts is the secret, for who administers the team; off: always null. */
  showsServiceAccountKeys: boolean;
  /** Off: `createServiceAccount` is refused, as where an operator switched team service accounts off. */
  teamServiceAccountsEnabled: boolean;
  /** Off: the schema knows neither OAuth providers nor clients. */
  hasOAuthClients: boolean;
  /** Off: `Member` has no `OAuthClients`, though the server has clients. */
  hasOAuthClientsOnMember: boolean;
  /** Off: the schema has no `deleteApiKey`. */
  hasDeleteApiKey: boolean;
  /** `ApiKey.name` in listings is the secret itself, as on old servers; off: how the secret begins. */
  keysListedWithSecrets: boolean;
  /** Off: `users` is refused, also to admins. */
  allowsUsersQuery: boolean;
  /** `versionOnThisInstanceString`; null: no version is told, as on W&B's own cloud. */
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
  version: '0.75.1',
};
