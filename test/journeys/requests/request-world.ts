import type { Policy } from '../../../src/domain/organization/policy.ts';
import type { PageMessage } from '../../../src/sandbox/slack/protocol/page-protocol.ts';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { acmeTeams } from '../../world/acme-teams.ts';
import { type BackendKind, type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';

export const HOUR_MS = 60 * 60_000;
export const DAY_MS = 24 * HOUR_MS;

/** Starts Acme, with this policy and channel for ml-platform. */
export function startWithPolicy(
  backend: BackendKind,
  { policy = {}, channel }: { policy?: Policy; channel?: string } = {},
): Promise<RunningWorkspace> {
  const { organization, issuers, teams } = acmeTeams();
  const ofTeam = { policy, ...(channel !== undefined && { channel }) };
  const acme = {
    name: 'acme',
    admins: organization.admins,
    issuers,
    teams: teams.map((team) => (team.name === 'ml-platform' ? { ...team, ...ofTeam } : team)),
  };
  if (backend === 'builtin') return startWorkspace({ backend, organization: acme });
  return startWorkspace({
    backend,
    policies: { organization: {}, teams: [{ name: 'ml-platform', ...ofTeam }] },
  });
}

/** Opens the form as a member gets it. */
export async function openRequestForm(person: SlackPerson, line = '/wandb sa new'): Promise<void> {
  await person.command('random', line);
  await person.waitForView((view) => view.submit === 'Request');
}

/** Requests an account with an API key as a member, and returns the direct message about it. */
export async function requestKey(
  person: SlackPerson,
  name: string,
  options: { isUrgent?: boolean } = {},
): Promise<PageMessage> {
  await openRequestForm(person, `/wandb sa new ${name} --team ml-platform`);
  await person.fill('reason', 'Nightly evaluation of the new model');
  if (options.isUrgent) await person.fill('urgent', ['urgent']);
  await person.submit();
  await person.waitForView(options.isUrgent ? 'Created' : 'Requested');
  await person.close();
  const lead = options.isUrgent ? 'as an urgent request' : 'You requested';
  return person.waitForMessage('Keysmith', (message) => says(message, name, lead));
}

/** Waits for the card of a request in a conversation. */
export function cardOf(person: SlackPerson, name: string, conversation = 'Keysmith'): Promise<PageMessage> {
  return person.waitForMessage(conversation, (message) =>
    says(message, name, 'requests the service account'),
  );
}

export function says(message: PageMessage, ...texts: string[]): boolean {
  const visible = visibleText(message);
  return texts.every((text) => visible.includes(text));
}

/** Waits until the card in a conversation says something. */
export function cardSays(person: SlackPerson, name: string, text: string, conversation = 'Keysmith') {
  return person.waitForMessage(conversation, (message) =>
    says(message, name, 'requests the service account', text),
  );
}

/** Denies a request on its card. */
export async function deny(person: SlackPerson, card: PageMessage, reason: string): Promise<void> {
  await person.click(card, 'Deny');
  await person.waitForView('Deny request');
  await person.fill('reason', reason);
  await person.submit();
  await person.waitForView('Denied the request');
  await person.close();
}

/** Lets time pass and runs what is due, with everything that becomes due by that. */
export async function settleAfter(workspace: RunningWorkspace, milliseconds: number): Promise<void> {
  workspace.clock.advance(milliseconds);
  await workspace.keysmith.settle();
}

/** Sends a click on a button of a card that the person may not see, or that is gone. */
export async function forge(
  { slack }: RunningWorkspace,
  person: SlackPerson,
  card: PageMessage,
  actionId: string,
): Promise<void> {
  const value = /"value":"(form_[^"]+)"/.exec(JSON.stringify(card.blocks))?.[1] ?? '';
  const action = { type: 'button', action_id: actionId, block_id: 'forged', value };
  const container = { type: 'message', message_ts: card.ts };
  await slack.deliver(
    { payload: { type: 'block_actions', container, actions: [action] } },
    { as: person.id },
  );
}
