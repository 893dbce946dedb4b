import type { RequestStore } from '../../application/requests/request-store.ts';
import { type MethodTable, reads, revokes, writes } from '../unit-of-work.ts';
import * as rows from './access-request-row.ts';
import * as requests from './access-requests.ts';
import { showRequest, showRequestAlsoIn } from './request-cards.ts';

export const requestMethods: MethodTable<RequestStore> = {
  openAccessRequest: writes(requests.openAccessRequest),
  accessRequest: reads(rows.readAccessRequest),
  requestOfAccount: reads(rows.readRequestOfAccount),
  recordApproval: writes(requests.recordApproval),
  confirmAccessRequest: writes(requests.confirmAccessRequest),
  // The account of an urgent request ends with it.
  endAccessRequest: revokes(requests.endAccessRequest),
  showRequest: writes(showRequest),
  showRequestAlsoIn: writes(showRequestAlsoIn),
  remindApprovers: writes(requests.remindApprovers),
  requestedKey: reads(rows.readRequestedKey),
};
