export type Role = 'admin' | 'member' | 'view-only';

/** A W&B team (*entity*). */
export interface Team {
  id: string;
  name: string;
  /** Patterns of the subjects its admins may register. `*` matches any characters. */
  subjects: readonly string[];
}

/** A person's access to one team, as read at one moment. */
export interface TeamAccess {
  team: Team;
  role: Role | undefined;
  isOrganizationAdmin: boolean;
}

export interface TeamMember {
  email: string;
  username: string;
  role: Role;
}
