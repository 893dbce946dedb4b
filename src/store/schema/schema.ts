/** All tables of the SQLite database, as the migrations in `drizzle/sqlite` make them. */
export * from './account-schema.ts';
export { issuerKeySets, signingKeys, usedAssertions } from './authority-schema.ts';
export { backendOperations } from './operation-schema.ts';
export {
  auditEvents,
  databaseIdentity,
  issuers,
  organizationAdmins,
  organizations,
  projects,
  teamMembers,
  teams,
} from './organization-schema.ts';
