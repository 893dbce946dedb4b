import type { Place } from './node-reader.ts';
import type { Section } from './section.ts';
import { type MemberEntry, type ProjectEntry, roles, type TeamEntry, visibilities } from './teams-file.ts';
import { createUsernames, type Usernames } from './usernames.ts';
import {
  emailAddressRule,
  projectAccountRule,
  projectNameRule,
  subjectPatternRule,
  teamNameRule,
  usernameRule,
} from './value-rules.ts';

export function readTeams(section: Section, place: Place | undefined): TeamEntry[] {
  const isFirst = section.uniqueness('This team');
  const usernames = createUsernames(section.reader.report);
  const teams: TeamEntry[] = [];
  for (const entry of section.reader.list(place)) {
    const fields = section.reader.map(entry, ['name', 'subjects', 'members', 'projects'], ['name']);
    if (fields === undefined) continue;
    const name = section.value(fields.name, teamNameRule);
    const team: Omit<TeamEntry, 'name'> = {
      subjects: section.values(fields.subjects, subjectPatternRule, 'This pattern'),
      members: readMembers(section, fields.members, usernames),
      projects: readProjects(section, fields.projects),
    };
    if (name !== undefined && isFirst(name, fields.name ?? entry)) teams.push({ name, ...team });
  }
  usernames.settle();
  return teams;
}

function readMembers(section: Section, place: Place | undefined, usernames: Usernames): MemberEntry[] {
  const isFirst = section.uniqueness('This member');
  const members: MemberEntry[] = [];
  for (const entry of section.reader.list(place)) {
    const fields = section.reader.map(entry, ['email', 'role', 'username'], ['email', 'role']);
    if (fields === undefined) continue;
    const email = section.value(fields.email, emailAddressRule);
    const role = section.word(fields.role, roles, 'role');
    const username = section.value(fields.username, usernameRule);
    if (email === undefined || !isFirst(email, fields.email ?? entry) || role === undefined) continue;
    const member: MemberEntry = { email, role, username: '' };
    usernames.register(member, username, fields.username ?? fields.email ?? entry);
    members.push(member);
  }
  return members;
}

function readProjects(section: Section, place: Place | undefined): ProjectEntry[] {
  const isFirst = section.uniqueness('This project');
  const projects: ProjectEntry[] = [];
  for (const entry of section.reader.list(place)) {
    const fields = section.reader.map(entry, ['name', 'visibility', 'service_accounts'], ['name']);
    if (fields === undefined) continue;
    const name = section.value(fields.name, projectNameRule);
    const visibility =
      fields.visibility === undefined
        ? 'private'
        : section.word(fields.visibility, visibilities, 'visibility');
    const serviceAccounts = section.values(
      fields.service_accounts,
      projectAccountRule,
      'This service account',
    );
    if (name === undefined || !isFirst(name, fields.name ?? entry) || visibility === undefined) continue;
    projects.push({ name, visibility, serviceAccounts });
  }
  return projects;
}
