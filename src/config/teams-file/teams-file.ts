import type { DesiredIssuer } from '../../domain/federation/issuer.ts';
import type { Role } from '../../domain/organization/team.ts';

export const roles = ['admin', 'member', 'view-only'] as const satisfies readonly Role[];

export const visibilities = ['private', 'public', 'open', 'restricted'] as const;
type ProjectVisibility = (typeof visibilities)[number];

/** What a teams file says, checked. E-mail addresses are lower case; issuers and subjects stand letter for letter. */
export interface TeamsFile {
  organization: { name?: string; admins: string[] };
  issuers: DesiredIssuer[];
  teams: TeamEntry[];
}

/** How strictly a teams file is read. */
export interface TeamsFileOptions {
  /** Takes issuers whose URLs start with http:// as well. False unless stated. */
  allowInsecureIssuers?: boolean;
}

export interface TeamEntry {
  name: string;
  subjects: string[];
  members: MemberEntry[];
  projects: ProjectEntry[];
}

export interface MemberEntry {
  email: string;
  role: Role;
  username: string;
}

export interface ProjectEntry {
  name: string;
  visibility: ProjectVisibility;
  /** Names; the accounts need not exist yet. */
  serviceAccounts: string[];
}

/** One mistake and where it stands. `message` never repeats a value of the file, which may not be a teams file at all. */
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
  | { ok: true; teamsFile: TeamsFile }
  | { ok: false; problems: TeamsFileProblem[] };

/** `teams.yml:12:7: teams[0].members[2].role: …`, as editors and terminals link it. */
export function teamsFileProblemText(problem: TeamsFileProblem): string {
  const path = problem.path === '' ? '' : `${problem.path}: `;
  return `${problem.file}:${problem.line}:${problem.column}: ${path}${problem.message}`;
}
