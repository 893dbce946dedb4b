/** All tables of the SQLite database, as the migrations in `drizzle/sqlite` create them. */

export { apiKeys, serviceAccounts, submissions } from './accounts.ts';
export { auditEvents, auditSubjects } from './audit-events.ts';
export { collections, deliveries } from './deliveries.ts';
export { issuerKeySets, issuers, usedAssertions } from './issuers.ts';
export { jobs } from './jobs.ts';
export { accessRequests, requestDecisions } from './lifecycle/access-requests.ts';
export { cards } from './lifecycle/cards.ts';
export { nearMatches, personSettings, unusedReviews } from './lifecycle/care.ts';
export { keyPauses, rotations } from './lifecycle/rotations.ts';
export { databaseIdentity, organizationAdmins, organizations } from './organizations.ts';
export { auditLogPositions, outsideChanges, unstoredChanges } from './outside-changes.ts';
export { peppers, signingKeys } from './sealed-secrets.ts';
export { serverAccounts } from './server-accounts.ts';
export { projects, teamMembers, teams } from './teams.ts';
export { upstreamCredentials, upstreamRejections } from './upstream-credentials.ts';
