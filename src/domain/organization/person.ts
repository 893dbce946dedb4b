/** One `@`; a domain of labels (RFC 1035, 2.3.1) of at most 253 characters. */
const PLAIN_ADDRESS =
  /^[\x21-\x3f\x41-\x7e]{1,64}@(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/;

/**
 * An address as it is compared: lower case, ASCII only. Undefined for what is no plain address; characters beyond ASCII
 * are refused, since some of them become ASCII letters in lower case (the Kelvin sign becomes `k`).
 */
export function normalizeEmailAddress(text: string): string | undefined {
  const address = text.trim();
  return PLAIN_ADDRESS.test(address) ? address.toLowerCase() : undefined;
}

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

export type IdentificationFailure =
  | 'bot'
  | 'deactivated'
  | 'guest'
  | 'other_workspace'
  | 'email_unconfirmed'
  | 'email_missing';

export type Identification = { ok: true; person: Person } | { ok: false; reason: IdentificationFailure };

/** Decides whether a Slack profile is a person whom Keysmith may serve. */
export function identifyPerson(profile: SlackProfile, workspace: SlackWorkspace): Identification {
  const reason = whyNotAPerson(profile, workspace);
  if (reason !== undefined) return { ok: false, reason };
  const email = normalizeEmailAddress(profile.email ?? '');
  if (email === undefined) return { ok: false, reason: 'email_missing' };
  return { ok: true, person: { slackUserId: profile.slackUserId, email } };
}

function whyNotAPerson(profile: SlackProfile, workspace: SlackWorkspace): IdentificationFailure | undefined {
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
