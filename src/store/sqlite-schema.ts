/** All tables of the SQLite database, as the migrations in `drizzle/sqlite` make them. */
export * from './sqlite-account-schema.ts';
export { issuerKeySets, signingKeys, usedAssertions } from './sqlite-authority-schema.ts';
export { backendOperations } from './sqlite-operation-schema.ts';
export {
  auditEvents,
  databaseIdentity,
  issuers,
  organizationAdmins,
  organizations,
  projects,
  teamMembers,
  teams,
} from './sqlite-organization-schema.ts';
