import type { WandbTeam, WandbUser } from '../wandb-state.ts';

/** The actions of W&B's documentation that change accounts, their keys and teams. */
type AuditAction =
  | 'organization:update_member'
  | 'team:create'
  | 'team:create_service_account'
  | 'team:delete'
  | 'team:invite_user'
  | 'team:uninvite'
  | 'user:create_api_key'
  | 'user:deactivate'
  | 'user:delete_api_key'
  | 'user:permanently_delete'
  | 'user:reactivate';

/** An entry as W&B shows it. It never has the ID of a key, and a service account has no email address. */
export interface AuditEntry {
  action: AuditAction;
  actor_email?: string;
  actor_ip: string;
  actor_user_id?: string;
  entity_asset?: string;
  entity_name?: string;
  response_code: number;
  /** RFC 3339, in whole seconds. */
  timestamp: string;
  /** The user whom the action affects. */
  user_asset?: string;
  user_email?: string;
}

export interface AuditLog {
  /** The last 10000, in the order of time. */
  entries: AuditEntry[];
  record(
    action: AuditAction,
    about: { actor: WandbUser | undefined; team?: WandbTeam; user?: WandbUser },
  ): void;
}

const MAX_ENTRIES = 10_000;

export function createAuditLog(now: () => number): AuditLog {
  const entries: AuditEntry[] = [];
  return {
    entries,
    record(action, { actor, team, user }) {
      entries.push({
        action,
        ...(actor?.email && { actor_email: actor.email }),
        actor_ip: '127.0.0.1',
        ...(actor && { actor_user_id: actor.id }),
        ...(team && { entity_asset: team.id, entity_name: team.name }),
        response_code: 200,
        timestamp: rfc3339(now()),
        ...(user && { user_asset: user.id }),
        ...(user?.email && { user_email: user.email }),
      });
      if (entries.length > MAX_ENTRIES) entries.shift();
    },
  };
}

/** `2026-08-01T13:00:00Z` */
export function rfc3339(timeMs: number): string {
  return new Date(timeMs).toISOString().replace(/\.\d+Z$/, 'Z');
}
