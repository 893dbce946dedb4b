import type { AuditLog } from './audit/audit-log.ts';
import type { Capabilities } from './capabilities.ts';
import type { TeamRole } from './wandb-seed.ts';
import {
  type Membership,
  newApiKeySecret,
  type WandbApiKey,
  type WandbState,
  type WandbTeam,
  type WandbUser,
} from './wandb-state.ts';

/** The changes of one user, through GraphQL, SCIM or W&B's own pages. The audit log records them. */
export interface AccountChanges {
  /** Default for the username: one that contains the team's name. */
  createServiceAccount(team: WandbTeam, name: string, username?: string): WandbUser;
  createOrganizationAccount(defaultTeam: WandbTeam, name: string): WandbUser;
  createKey(owner: WandbUser, description?: string | null, secret?: string): WandbApiKey;
  deleteKey(key: WandbApiKey): void;
  /** Adds the user as a pending member. */
  invite(team: WandbTeam, user: WandbUser, role: TeamRole): Membership;
  /** Removes a membership; a service account of the team is deleted. */
  removeMember(team: WandbTeam, user: WandbUser): void;
  deleteUser(user: WandbUser): void;
  createTeam(name: string): WandbTeam;
  deleteTeam(team: WandbTeam): void;
  setActive(user: WandbUser, active: boolean): void;
  setOrganizationAdmin(user: WandbUser, isAdmin: boolean): void;
}

/** Returns the changes that an actor can make. The audit log doesn't name an undefined actor. */
export type ChangesBy = (actor: WandbUser | undefined) => AccountChanges;

export function createChangesBy(
  state: WandbState,
  { auditLog, capabilities }: { auditLog: AuditLog; capabilities: Readonly<Capabilities> },
): ChangesBy {
  const keepsKeys = () => capabilities.keepsKeysOfDeleted;
  return (actor) => {
    const record = (
      action: Parameters<AuditLog['record']>[0],
      about: { team?: WandbTeam; user?: WandbUser } = {},
    ) => auditLog.record(action, { actor, ...about });
    return {
      createServiceAccount(team, name, username) {
        const user = state.addServiceAccount(team, name, username);
        record('team:create_service_account', { team, user });
        return user;
      },
      createOrganizationAccount(team, name) {
        const user = state.addOrganizationAccount(team, name);
        record('team:create_service_account', { team, user });
        return user;
      },
      createKey(user, description, secret = newApiKeySecret(capabilities.keyFormat)) {
        record('user:create_api_key', { user });
        return state.addKey(user, description, secret);
      },
      deleteKey(key) {
        state.keys.splice(state.keys.indexOf(key), 1);
        record('user:delete_api_key', { user: key.user });
      },
      invite(team, user, role) {
        const membership: Membership = { user, role, pending: true };
        team.memberships.push(membership);
        record('team:invite_user', { team, user });
        return membership;
      },
      removeMember(team, user) {
        state.removeMember(team, user, { keepsKeys: keepsKeys() });
        record('team:uninvite', { team, user });
      },
      deleteUser(user) {
        for (const team of state.teamsOf(user)) record('team:uninvite', { team, user });
        state.removeUser(user, { keepsKeys: keepsKeys() });
        record('user:permanently_delete', { user });
      },
      createTeam(name) {
        const team = state.addTeam(name);
        record('team:create', { team });
        return team;
      },
      deleteTeam(team) {
        state.removeTeam(team, { keepsKeys: keepsKeys() });
        record('team:delete', { team });
      },
      setActive(user, active) {
        user.active = active;
        record(active ? 'user:reactivate' : 'user:deactivate', { user });
      },
      setOrganizationAdmin(user, isAdmin) {
        user.admin = isAdmin;
        record('organization:update_member', { user });
      },
    };
  };
}
