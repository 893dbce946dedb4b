import type { AuditAction } from '../../../domain/audit/audit-actions.ts';
import type { AuditSentence } from './audit-about.ts';

/** The sentences about members' requests. */
export const requestSentences = {
  'access_request.opened': ({ account }) => `requested ${account}`,
  'access_request.granted': ({ account }) =>
    `requested ${account} urgently, and got it until it is confirmed`,
  'access_request.approval_recorded': ({ account }) =>
    `approved the request for ${account}, which needs another approval`,
  'access_request.approved': ({ account }) => `approved the request for ${account}`,
  'access_request.confirmed': ({ account }) => `confirmed the urgent request for ${account}`,
  'access_request.denied': ({ account }) => `denied the request for ${account}`,
  'access_request.withdrawn': ({ account }) => `withdrew the request for ${account}`,
  'access_request.reminded': ({ account }) => `reminded the approvers of the request for ${account}`,
  'access_request.lapsed': ({ account }) =>
    `ended the request for ${account}, which nobody can decide on anymore`,
} satisfies Partial<Record<AuditAction, AuditSentence>>;
