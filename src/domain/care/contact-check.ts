import {
  identifyPerson,
  type Person,
  type SlackProfile,
  type SlackWorkspace,
} from '../organization/person.ts';
import type { TeamAccess } from '../organization/team.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** Nobody took over for so long: the admins are asked again, and then every week. */
export const FIRST_REMINDER_AFTER_MS = 14 * DAY_MS;
export const REMINDER_EVERY_MS = 7 * DAY_MS;

/** How long after the first look a contact's absence from a team on a W&B server is confirmed. */
export const SECOND_LOOK_AFTER_MS = 60 * 60 * 1000;

/** What Slack says of a contact. */
export type ContactInSlack =
  | { kind: 'deactivated' }
  | { kind: 'person'; person: Person }
  /** Nothing that proves that the contact left. */
  | { kind: 'unknown' };

/** @param profile undefined for a user that Slack doesn't know, which proves nothing: an app may not see everyone */
export function contactInSlack(profile: SlackProfile | undefined, workspace: SlackWorkspace): ContactInSlack {
  if (profile === undefined) return { kind: 'unknown' };
  if (profile.isDeactivated) return { kind: 'deactivated' };
  const identified = identifyPerson(profile, workspace);
  return identified.ok ? { kind: 'person', person: identified.person } : { kind: 'unknown' };
}

/** Returns where a contact is. @param access undefined if the team isn't known, which proves nothing either */
export function contactInTeam(
  access: Pick<TeamAccess, 'role' | 'isOrganizationAdmin'> | undefined,
): 'present' | 'absent' | 'unknown' {
  if (access === undefined) return 'unknown';
  return access.role !== undefined || access.isOrganizationAdmin ? 'present' : 'absent';
}
