/** What a W&B server of the sandbox starts with. */
export interface OrganizationSeed {
  name: string;
  /** URLs of the JWT issuers that its OAuth providers stand for. */
  issuers: string[];
  people: WandbPersonSeed[];
  teams: WandbTeamSeed[];
}

export interface WandbPersonSeed {
  username: string;
  name: string;
  email: string;
  /** `viewer.admin`: of the organization and of the instance. */
  admin?: boolean;
  /** Default `USER`; `VIEWER` has a view-only seat. */
  accountType?: 'USER' | 'VIEWER';
}

interface WandbTeamSeed {
  name: string;
  members: { username: string; role: TeamRole; pending?: boolean }[];
}

/** What W&B calls a view-only member is a `viewer` on the wire. */
export type TeamRole = 'admin' | 'member' | 'viewer';
