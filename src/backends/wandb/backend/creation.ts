import type { HeldOperation } from '../../../application/ports/operation-store.ts';
import type { DeliveryRoute } from '../../../application/ports/store.ts';
import type { Person } from '../../../domain/person.ts';
import type { ServiceAccount } from '../../../domain/service-account.ts';

/** An account that this process is making on the server, its intent written. */
export interface Creation {
  held: HeldOperation;
  account: ServiceAccount;
  person: Person;
  membersBefore: readonly string[];
  /** IDs of the team's OAuth clients before it, as far as the server shows them. */
  clientsBefore: readonly string[];
  /** Of a federated account. */
  providerId: string | undefined;
  /** How its key will go out; undefined for a federated account. */
  route: DeliveryRoute | undefined;
  collectionId: string | undefined;
  requestId: string;
  /** The calls end there. */
  deadlineMs: number;
}
