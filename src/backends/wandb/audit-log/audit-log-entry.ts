import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { z } from 'zod';
import { normalizeEmailAddress } from '../../../domain/organization/person.ts';

/** The actions of W&B that concern service accounts, their keys, and the people who may manage them. */
export const auditLogActions = [
  'organization:update_member',
  'team:create',
  'team:create_service_account',
  'team:delete',
  'team:invite_user',
  'team:uninvite',
  'user:create',
  'user:create_api_key',
  'user:deactivate',
  'user:delete_api_key',
  'user:permanently_delete',
  'user:reactivate',
] as const;

type AuditLogAction = (typeof auditLogActions)[number];

/** One action that a person or service account carried out on the W&B server. Text is as the server has it, and may be personal. */
export interface AuditLogEntry {
  /** A hash of the whole entry, which W&B gives no ID. */
  id: string;
  action: AuditLogAction;
  atMs: number;
  /** The person or service account that acted. */
  actorId: string | undefined;
  /** In its compared form. */
  actorEmail: string | undefined;
  /** The user that the action was about. */
  userId: string | undefined;
  /** In its compared form. */
  userEmail: string | undefined;
  /** The team. */
  entityName: string | undefined;
}

const text = z
  .union([z.string().min(1), z.number().transform(String)])
  .optional()
  .catch(undefined);

const email = text.transform((address) =>
  address === undefined ? undefined : normalizeEmailAddress(address),
);

/** RFC 3339, which `Date.parse` reads; it would accept much more. */
const timestamp = z
  .string()
  .regex(/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/i)
  .transform((time) => Date.parse(time.replace(' ', 'T')))
  .refine((atMs) => !Number.isNaN(atMs));

const entry = z.object({
  action: z.string().trim(),
  timestamp,
  response_code: z.coerce.number().optional().catch(undefined),
  actor_user_id: text,
  actor_email: email,
  user_asset: text,
  user_email: email,
  entity_name: text,
});

/** Returns the entry; `skipped` for an unusable one; undefined for one about something else, or that failed. */
export function readEntry(value: unknown): AuditLogEntry | 'skipped' | undefined {
  const read = entry.safeParse(value);
  if (!read.success) return 'skipped';
  const { action, timestamp: atMs, response_code: status = 200 } = read.data;
  if (!isFollowed(action) || status >= 400) return undefined;
  return {
    id: createHash('sha256')
      .update(canonicalize(value) ?? '')
      .digest('base64url'),
    action,
    atMs,
    actorId: read.data.actor_user_id,
    actorEmail: read.data.actor_email,
    userId: read.data.user_asset,
    userEmail: read.data.user_email,
    entityName: read.data.entity_name,
  };
}

function isFollowed(action: string): action is AuditLogAction {
  return (auditLogActions as readonly string[]).includes(action);
}
