import { normalizeEmailAddress } from './email-address.ts';

/** A human of the organization, known by the confirmed e-mail address of the Slack profile. */
export interface Person {
  slackUserId: string;
  /** Lower case. */
  email: string;
}

/** What Slack says about a user (`users.info`, docs.slack.dev/reference/objects/user-object). */
export interface SlackProfile {
  slackUserId: string;
  workspaceId: string | undefined;
  enterpriseId: string | undefined;
  email: string | undefined;
  /** Undefined where the workspace does not say. */
  isEmailConfirmed: boolean | undefined;
  isBot: boolean;
  isDeactivated: boolean;
  /** `is_restricted` or `is_ultra_restricted`. */
  isGuest: boolean;
  /** Came through Slack Connect. */
  isStranger: boolean;
}

/** The workspace, or the Enterprise organization, that the app is installed in. */
export interface SlackWorkspace {
  workspaceId: string;
  enterpriseId: string | undefined;
}

export type NotAPerson =
  | 'bot'
  | 'deactivated'
  | 'guest'
  | 'other_workspace'
  | 'email_unconfirmed'
  | 'email_missing';

export type Identification = { ok: true; person: Person } | { ok: false; reason: NotAPerson };

/** Decides whether a Slack profile is a person whom Keysmith may serve. */
export function identifyPerson(profile: SlackProfile, workspace: SlackWorkspace): Identification {
  const reason = whyNotAPerson(profile, workspace);
  if (reason !== undefined) return { ok: false, reason };
  const email = normalizeEmailAddress(profile.email ?? '');
  if (email === undefined) return { ok: false, reason: 'email_missing' };
  return { ok: true, person: { slackUserId: profile.slackUserId, email } };
}

function whyNotAPerson(profile: SlackProfile, workspace: SlackWorkspace): NotAPerson | undefined {
  if (profile.isBot) return 'bot';
  if (profile.isDeactivated) return 'deactivated';
  if (!isOfWorkspace(profile, workspace)) return 'other_workspace';
  if (profile.isGuest) return 'guest';
  // Only an explicit false means unconfirmed: some workspaces leave the field out.
  if (profile.isEmailConfirmed === false) return 'email_unconfirmed';
  return undefined;
}

function isOfWorkspace(profile: SlackProfile, workspace: SlackWorkspace): boolean {
  if (profile.isStranger) return false;
  if (profile.workspaceId === workspace.workspaceId) return true;
  return workspace.enterpriseId !== undefined && profile.enterpriseId === workspace.enterpriseId;
}
