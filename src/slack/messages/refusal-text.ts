import type { Contact, Refusal } from '../../application/accounts/authorize.ts';
import {
  type Backend,
  type BackendFeatures,
  BackendUnavailableError,
} from '../../application/ports/backend.ts';
import { DirectoryUnavailableError } from '../../application/ports/slack.ts';
import { type StoreFault, StoreUnavailableError } from '../../application/ports/store.ts';
import { backendFailureWords } from './backend-failure-text.ts';
import { code, escapeMarkup } from './blocks.ts';

/** What a person who may not is told: what it is about, and whom to ask. Markup. */
export function refusalWords(refusal: Refusal): string {
  switch (refusal.reason) {
    case 'bot':
      return 'Service accounts are made by people: a bot can’t use this command.';
    case 'deactivated':
      return 'This Slack account is deactivated, so Keysmith can’t act for it. Ask an admin of your Slack workspace.';
    case 'guest':
      return 'Guests of this workspace can’t use Keysmith. Ask a full member of your team to make the service account.';
    case 'other_workspace':
      return 'You come from another Slack workspace. Keysmith serves the members of its own workspace only.';
    case 'email_unconfirmed':
      return 'Keysmith knows you by the e-mail address of your Slack profile, and yours is not confirmed yet. Confirm it in Slack (*Account settings*), then try again.';
    case 'email_missing':
      return 'Keysmith knows you by the e-mail address of your Slack profile, and yours shows none that it can use. Ask an admin of your Slack workspace.';
    case 'unknown_user':
      return 'Slack does not know this user any more, so Keysmith can’t act for it.';
    case 'no_team':
      return noTeamWords(refusal);
    case 'team_not_named':
      return 'You administer every team as an organization admin, but the W&B server does not list them. Nothing was changed. Name the team: `/wandb service-account new --team NAME`, and likewise with `list` and `revoke`.';
    case 'not_admin':
      return notAdminWords(refusal.teams);
    case 'team_unknown':
      return 'There is no team of that name among yours. Nothing was changed. `/wandb service-account new` without `--team` offers the teams that you administer.';
  }
}

function noTeamWords({
  organizationAdmins,
  administeredIn,
}: Extract<Refusal, { reason: 'no_team' }>): string {
  const admins = people(organizationAdmins, 'an organization admin');
  return administeredIn === 'wandb'
    ? `You are in no W&B team that the W&B server shows to Keysmith. A team’s admins, or ${admins}, can add you to it in W&B; ask one of them. If you are in one, tell whoever runs Keysmith: its W&B account may not see it.`
    : `You are in no W&B team that Keysmith knows. Teams and their members stand in the teams file that ${admins} can change; ask to be added.`;
}

function notAdminWords(teams: { name: string; admins: Contact[] }[]): string {
  const [only, ...others] = teams;
  if (only === undefined) return 'Only admins of a team can do this.';
  if (others.length === 0) {
    return `Only admins of ${code(only.name)} can do this, and you are not one of them. Ask ${people(only.admins, 'an organization admin')}. I have not told them.`;
  }
  const lines = teams.map(
    ({ name, admins }) => `• ${code(name)}: ${people(admins, 'an organization admin')}`,
  );
  return `Only a team’s admins can do this, and you are an admin of none of yours. Ask one of them; I have not told them:\n${lines.join('\n')}`;
}

function people(contacts: Contact[], nobody: string): string {
  if (contacts.length === 0) return nobody;
  return contacts
    .map(({ slackUserId, name }) => (slackUserId === undefined ? escapeMarkup(name) : `<@${slackUserId}>`))
    .join(' or ');
}

/**
 * What a person is told when something broke: what happened, what became of it, what to do. Markup, never an error's own text.
 *
 * @param teamPage where an admin of the team goes on by hand; undefined where the team or its page is not known
 */
export function failureWords(error: unknown, teamPage?: string): string {
  if (error instanceof DirectoryUnavailableError) {
    return 'That failed: Slack did not say who you are. Nothing was changed. Try again in a minute.';
  }
  if (error instanceof BackendUnavailableError) {
    return `That failed: ${backendFailureWords(error.failure, { effect: 'Nothing was changed.', teamPage })}`;
  }
  if (error instanceof StoreUnavailableError) {
    return `That failed: ${storeWords(error.fault)} Nothing was changed. Tell whoever runs Keysmith, with the reference below.`;
  }
  return 'That failed for a reason that Keysmith did not expect. Nothing is confirmed: look at `/wandb service-account list`, then try again, and tell whoever runs Keysmith, with the reference below.';
}

function storeWords(fault: StoreFault): string {
  switch (fault) {
    case 'read_only':
      return 'Keysmith’s database can’t be written to.';
    case 'full':
      return 'the disk of Keysmith’s database is full.';
    case 'locked':
      return 'Keysmith’s database is held by another program.';
    case 'damaged':
      return 'Keysmith’s database is damaged.';
    case 'unreadable':
      return 'Keysmith’s database can’t be read.';
  }
}

type Missing<Feature extends { available: boolean }> =
  Extract<Feature, { available: false }> extends {
    reason: infer Reason;
  }
    ? Reason
    : never;

/** Why *Generate API key* is not offered. Markup. */
export function apiKeysMissingWords(reason: Missing<BackendFeatures['apiKeys']>): string {
  switch (reason) {
    case 'no_key_shown':
      return '*Generate API key* is not offered: this W&B server keeps new keys to itself, so Keysmith has none to hand over.';
    case 'not_supported':
      return '*Generate API key* is not offered: this W&B server does not let Keysmith make such accounts and take them back.';
  }
}

/** Why *Federated identity* is not offered. Markup. */
export const federatedMissingWords =
  '*Federated identity* is not offered: this W&B server has none, or it is switched off there.';

/** Why no federated account can be made for now, though the server has them. Markup. */
export function noIssuerWords(administeredIn: Backend['administeredIn'] | undefined): string {
  const where = administeredIn === 'wandb' ? 'registers it in W&B' : 'adds it to the teams file';
  return `:warning: No issuer of JWTs is registered for this organization yet. An organization admin ${where}; until then no federated account can be made.`;
}
