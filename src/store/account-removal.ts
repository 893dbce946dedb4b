import { type SQL, sql } from 'drizzle-orm';
import { backendOperations, serviceAccounts } from './sqlite-schema.ts';

/**
 * Is somebody revoking it on another system, to be met by a row of accounts? Meanwhile no key of it may be made: what is
 * removed there is the account as it was when the removal began.
 */
export const isBeingRemoved: SQL<number> = sql<number>`exists (
  select 1 from ${backendOperations}
  where ${backendOperations.organizationId} = ${serviceAccounts.organizationId}
    and ${backendOperations.accountId} = ${serviceAccounts.id}
    and ${backendOperations.kind} = 'remove'
    and ${backendOperations.state} = 'under_way'
)`;
