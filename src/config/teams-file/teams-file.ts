import type { DesiredIssuer } from '../../domain/federation/issuer.ts';
import type { Policy } from '../../domain/organization/policy.ts';
import type { Role } from '../../domain/organization/team.ts';

export const roles = ['admin', 'member', 'view-only'] as const satisfies readonly Role[];

export const visibilities = ['private', 'public', 'open', 'restricted'] as const;
type ProjectVisibility = (typeof visibilities)[number];

/** A valid teams file. Email addresses are lowercase; issuers and subjects are exactly as written. */
export interface TeamsFile {
  organization: { name?: string; admins: string[]; policy?: Policy };
  issuers: DesiredIssuer[];
  teams: TeamEntry[];
}

export interface TeamsFileOptions {
  /** Also accepts issuers with http:// URLs. Default: false. */
  allowInsecureIssuers?: boolean;
  /** Keysmith's own URL, which is refused as an issuer. */
  ownUrl?: string | undefined;
  /** Teams live on a W&B server: the file can only have policies and channels. Default: false. */
  isOnServer?: boolean;
}

export interface TeamEntry {
  name: string;
  /** Absent if the team has the organization's. */
  policy?: Policy;
  /** The ID of the Slack channel for its requests. */
  channel?: string;
  /** Whether the file takes over a team that was created in Slack. */
  takeOver?: true;
  subjects: string[];
  members: MemberEntry[];
  projects: ProjectEntry[];
}

interface MemberEntry {
  email: string;
  role: Role;
  username: string;
  /** Absent where the username is only the beginning of the address. */
  isUsernameStated?: true;
}

export interface ProjectEntry {
  name: string;
  visibility: ProjectVisibility;
  /** Names; the accounts need not exist yet. */
  serviceAccounts: string[];
}

/** A mistake and its place. `message` never repeats a value: the file may be another one, with secrets in it. */
export interface TeamsFileProblem {
  file: string;
  /** From 1. */
  line: number;
  /** From 1. */
  column: number;
  /** Such as `teams[0].members[2].role`; empty for the file as a whole. */
  path: string;
  message: string;
}

export type TeamsFileResult =
  /** `warnings`: what is allowed and probably a mistake. */
  | {
      ok: true;
      teamsFile: TeamsFile;
      warnings: TeamsFileProblem[];
      /** The line of each team, by name. */
      teamLines: ReadonlyMap<string, number>;
    }
  | { ok: false; problems: TeamsFileProblem[] };

/** Returns `teams.yml:12:7: teams[0].members[2].role: …`, a form that editors and terminals turn into a link. */
export function teamsFileProblemText(problem: TeamsFileProblem): string {
  const path = problem.path === '' ? '' : `${problem.path}: `;
  return `${problem.file}:${problem.line}:${problem.column}: ${path}${problem.message}`;
}
