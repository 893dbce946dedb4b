export type Role = 'admin' | 'member' | 'view-only';

/** A W&B team (*entity*). */
export interface Team {
  id: string;
  name: string;
  /** Which subjects of external identities its admins may register; `*` stands for any characters. */
  subjects: readonly string[];
}

/** What a person is to one team, as read at one moment. */
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
