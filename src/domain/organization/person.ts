/** One `@`, then a domain of labels (RFC 1035, section 2.3.1) with at most 253 characters. */
const PLAIN_ADDRESS =
  /^[\x21-\x3f\x41-\x7e]{1,64}@(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/;

/**
 * Returns an address in its compared form, lowercase ASCII, or undefined if it isn't a plain address. Other characters are
 * rejected, because some become ASCII letters in lowercase: the Kelvin sign becomes `k`.
 */
export function normalizeEmailAddress(text: string): string | undefined {
  const address = text.trim();
  return PLAIN_ADDRESS.test(address) ? address.toLowerCase() : undefined;
}

const SLACK_USER_ID = /^[UW][0-9A-Z]{1,30}$/;

export function isSlackUserId(text: string): boolean {
  return SLACK_USER_ID.test(text);
}

/** A human, identified by the confirmed email address of their Slack profile. */
export interface Person {
  slackUserId: string;
  /** Lowercase. */
  email: string;
}

/** A Slack user (`users.info`, docs.slack.dev/reference/objects/user-object). */
export interface SlackProfile {
  slackUserId: string;
  workspaceId: string | undefined;
  enterpriseId: string | undefined;
  email: string | undefined;
  /** Undefined if the workspace doesn't return it. */
  isEmailConfirmed: boolean | undefined;
  isBot: boolean;
  isDeactivated: boolean;
  /** `is_restricted` or `is_ultra_restricted`. */
  isGuest: boolean;
  /** A user of another workspace, through Slack Connect. */
  isStranger: boolean;
}

/** The workspace or Enterprise organization in which the app is installed. */
export interface SlackWorkspace {
  workspaceId: string;
  enterpriseId: string | undefined;
}

export type IdentificationFailure =
  | 'bot'
  | 'deactivated'
  | 'guest'
  | 'other_workspace'
  | 'email_unconfirmed'
  | 'email_missing';

export type Identification = { ok: true; person: Person } | { ok: false; reason: IdentificationFailure };

/** Decides whether a Slack profile is a person that Keysmith may serve. */
export function identifyPerson(profile: SlackProfile, workspace: SlackWorkspace): Identification {
  const reason = identificationFailure(profile, workspace);
  if (reason !== undefined) return { ok: false, reason };
  const email = normalizeEmailAddress(profile.email ?? '');
  if (email === undefined) return { ok: false, reason: 'email_missing' };
  return { ok: true, person: { slackUserId: profile.slackUserId, email } };
}

function identificationFailure(
  profile: SlackProfile,
  workspace: SlackWorkspace,
): IdentificationFailure | undefined {
  if (profile.isBot) return 'bot';
  if (profile.isDeactivated) return 'deactivated';
  if (!isInWorkspace(profile, workspace)) return 'other_workspace';
  if (profile.isGuest) return 'guest';
  // Some workspaces omit the field, so only an explicit false means unconfirmed.
  if (profile.isEmailConfirmed === false) return 'email_unconfirmed';
  return undefined;
}

function isInWorkspace(profile: SlackProfile, workspace: SlackWorkspace): boolean {
  if (profile.isStranger) return false;
  if (profile.workspaceId === workspace.workspaceId) return true;
  return workspace.enterpriseId !== undefined && profile.enterpriseId === workspace.enterpriseId;
}
