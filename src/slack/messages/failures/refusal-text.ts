import type { Contact, Refusal } from '../../../application/accounts/refusal.ts';
import {
  type Backend,
  type BackendFeatures,
  BackendUnavailableError,
} from '../../../application/ports/backend.ts';
import { DirectoryUnavailableError } from '../../../application/ports/slack.ts';
import { type StoreFault, StoreUnavailableError } from '../../../application/ports/store.ts';
import { TEAM_NAME_MAX_LENGTH } from '../../../domain/organization/team-name.ts';
import {
  code,
  escapeMarkup,
  link,
  type Message,
  notice,
  plainNotice,
  quoted,
  suggestion,
  teamOption,
} from '../blocks.ts';
import { backendFailureText, CONTACT, TRY_AGAIN } from './backend-failure-text.ts';
import { whoSetText } from './policy-text.ts';
import { permanentFailureText, slackWaitText } from './slack-failure-text.ts';

/** Returns the refusal as a message. An unknown team is named as it was typed, so that message is plain text. */
export function refusalMessage(refusal: Refusal, reference: string, teamName: string | undefined): Message {
  if (refusal.reason !== 'team_unknown' || teamName === undefined) {
    return notice(refusalText(refusal), reference);
  }
  const { nearest } = refusal;
  const hint = nearest === undefined ? ' To see your teams, open the Home tab of Keysmith.' : '';
  const { blocks } = plainNotice(
    `You don’t have a team named ${quoted(teamName, TEAM_NAME_MAX_LENGTH)}. Nothing was changed.${hint}`,
    reference,
  );
  const suggestions = nearest === undefined ? [] : [suggestion(nearest, teamOption(nearest))];
  const [explanation, ...references] = blocks;
  return {
    text: 'You don’t have a team with that name.',
    blocks: [...(explanation ? [explanation] : []), ...suggestions, ...references],
  };
}

/** Returns why a person isn't allowed to do something, and whom to ask. Markup. */
export function refusalText(refusal: Refusal): string {
  switch (refusal.reason) {
    case 'bot':
      return 'Bots can’t use Keysmith. Ask a member of your team to do this for you.';
    case 'deactivated':
      return 'This Slack account is deactivated, so Keysmith can’t act for it. Ask an admin of your Slack workspace to reactivate it.';
    case 'guest':
      return 'Guests of this workspace can’t use Keysmith. Ask a full member of your team to do this for you.';
    case 'other_workspace':
      return 'Your Slack account belongs to another workspace, and Keysmith only serves members of its own. Ask a member of this workspace to do this for you.';
    case 'email_unconfirmed':
      return 'Keysmith identifies you by the email address in your Slack profile, and yours isn’t confirmed. Confirm it in Slack (*Account settings*), then try again.';
    case 'email_missing':
      return 'Keysmith identifies you by the email address in your Slack profile, and your profile doesn’t have one. Ask an admin of your Slack workspace to add it.';
    case 'unknown_user':
      return 'Slack no longer knows this user, so Keysmith can’t act for it. Ask an admin of your Slack workspace.';
    case 'no_team':
      return noTeamText(refusal);
    case 'team_not_named':
      return 'Nothing was changed: as an organization admin you can manage every team, but the W&B server doesn’t list them. Name the team with `--team`, for example `/wandb service-account new --team NAME`.';
    case 'not_admin':
      return notAdminText(refusal.teams);
    case 'view_only':
      return viewOnlyText(refusal.teams);
    case 'not_approver':
      return `Only approvers of ${code(refusal.teamName)} can decide on its requests. Ask ${people(refusal.approvers, 'an organization admin')}. ${whoSetText(refusal.setBy)}`;
    case 'not_organization_admin':
      return `Only organization admins can do this. Ask ${people(refusal.organizationAdmins, 'an organization admin')} (they haven’t been notified).`;
    case 'team_unknown':
      return 'You don’t have a team with that name. Nothing was changed. To see your teams, open the *Home* tab of Keysmith.';
  }
}

function noTeamText({ organizationAdmins, administeredIn }: Extract<Refusal, { reason: 'no_team' }>): string {
  const admins = people(organizationAdmins, 'an organization admin');
  return administeredIn === 'wandb'
    ? `You’re not in any W&B team that the W&B server shows to Keysmith. If you’re already in one, name it with \`--team NAME\`; if that fails, ask your Keysmith administrator whether Keysmith’s W&B account can see it. Otherwise, ask a team admin, or ${admins}, to add you in W&B.`
    : `You’re not in any W&B team Keysmith knows about. Ask ${admins} to add you to a team.`;
}

function notAdminText(teams: { name: string; admins: Contact[] }[]): string {
  const [only, ...others] = teams;
  if (only === undefined) return 'Only admins of a team can do this.';
  if (others.length === 0) {
    return `Only admins of ${code(only.name)} can do this. Ask ${people(only.admins, 'an organization admin')} (they haven’t been notified).`;
  }
  const lines = teams.map(
    ({ name, admins }) => `• ${code(name)}: ${people(admins, 'an organization admin')}`,
  );
  return `Only team admins can do this, and you aren’t an admin of any of your teams. Ask one of them (they haven’t been notified):\n${lines.join('\n')}`;
}

function viewOnlyText(teams: { name: string; admins: Contact[] }[]): string {
  const names = teams.map(({ name }) => code(name)).join(', ');
  const admins = people(
    teams.flatMap((team) => team.admins),
    'an organization admin',
  );
  return `You can only view ${names}, and its members request accounts. Ask ${admins} to make you a member or to create the account (they haven’t been notified).`;
}

function people(contacts: Contact[], fallback: string): string {
  if (contacts.length === 0) return fallback;
  return contacts
    .map(({ slackUserId, name }) => (slackUserId === undefined ? escapeMarkup(name) : `<@${slackUserId}>`))
    .join(' or ');
}

/** Whether the person can only ask someone else to change something. */
export function isPermanentFailure(error: unknown): boolean {
  return error instanceof DirectoryUnavailableError && permanentFailureText(error.failure) !== undefined;
}

/**
 * Returns what a person reads when something broke: the outcome, the cause, what to do. Markup; never the error's message.
 *
 * @param teamPage where a team admin can continue manually; undefined where the team or its page isn't known
 */
export function failureText(error: unknown, teamPage?: string): string {
  if (error instanceof DirectoryUnavailableError) {
    const { failure } = error;
    const next = permanentFailureText(failure) ?? `Try again in ${slackWaitText(failure)}.`;
    return `Nothing was changed: Slack couldn’t confirm who you are. ${next}`;
  }
  if (error instanceof BackendUnavailableError) {
    return `Nothing was changed: ${backendFailureText(error.failure, teamPage)}`;
  }
  if (error instanceof StoreUnavailableError) {
    return `Nothing was changed: ${storeFaultText(error.fault)}`;
  }
  return `An unexpected error occurred, and the request may have been partly completed. Check \`/wandb service-account list\` before you try again. If it keeps failing, ${CONTACT}.`;
}

/** Returns why something that is only read can't be shown, and what to do. Markup. */
export function readFailureText(error: unknown): string {
  const isKnown =
    error instanceof DirectoryUnavailableError ||
    error instanceof BackendUnavailableError ||
    error instanceof StoreUnavailableError;
  return isKnown ? failureText(error) : `Open it again in a minute. If it keeps failing, ${CONTACT}.`;
}

const CONTACT_ADMINISTRATOR = 'Contact your Keysmith administrator with the reference below.';

function storeFaultText(fault: StoreFault): string {
  switch (fault) {
    case 'read_only':
      return `Keysmith can’t write to its database. ${CONTACT_ADMINISTRATOR}`;
    case 'full':
      return `the disk of Keysmith’s database is full. ${CONTACT_ADMINISTRATOR}`;
    case 'locked':
      return `another program has locked Keysmith’s database. ${TRY_AGAIN}`;
    case 'damaged':
      return `Keysmith’s database is damaged. ${CONTACT_ADMINISTRATOR}`;
    case 'unreadable':
      return `Keysmith can’t read its database. ${CONTACT_ADMINISTRATOR}`;
    case 'replaced':
      return `Keysmith’s database file was moved or replaced, so Keysmith must be restarted. ${CONTACT_ADMINISTRATOR}`;
  }
}

type Missing<Feature extends { available: boolean }> =
  Extract<Feature, { available: false }> extends {
    reason: infer Reason;
  }
    ? Reason
    : never;

/** Returns why the form has no *Generate API key*. Markup. */
export function apiKeysUnavailableText(reason: Missing<BackendFeatures['apiKeys']>): string {
  switch (reason) {
    case 'no_key_shown':
      return '*Generate API key* isn’t available: this W&B server doesn’t return new API keys. Keys that Keysmith issues and revokes need the gateway: see docs/wandb.md in the Keysmith repository.';
    case 'not_supported':
      return '*Generate API key* isn’t available: this W&B server doesn’t let Keysmith create and delete accounts with API keys.';
  }
}

/** Returns what happens when an account is created whose key an admin creates in W&B. Markup. */
export function keyOnServerText(teamPage: string | undefined): string {
  const place = teamPage === undefined ? 'in W&B' : `in W&B: ${link(teamPage)}`;
  return `Keysmith creates the account without a key. A team admin then creates its key ${place}`;
}

/** Why the form has no *Federated identity*. Markup. */
export const FEDERATED_UNAVAILABLE =
  '*Federated identity* isn’t available: this W&B server doesn’t support it, or it’s turned off there.';

/** Returns why no federated account can be created yet, although the server supports them. Markup. */
export function noIssuerText(administeredIn: Backend['administeredIn'] | undefined): string {
  const action = administeredIn === 'wandb' ? 'register one in W&B' : 'add one to the teams file';
  return `:warning: No JWT issuer is registered for this organization yet. To create federated accounts, ask an organization admin to ${action}.`;
}
