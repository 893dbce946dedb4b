import { Secret } from '../../../src/domain/keys/secret.ts';
import type { Policy } from '../../../src/domain/organization/policy.ts';
import type { PageMessage } from '../../../src/sandbox/slack/protocol/page-protocol.ts';
import { sandboxWorkspace } from '../../../src/sandbox/slack/workspace/workspace-seed.ts';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { acmeTeams } from '../../world/acme-teams.ts';
import { type BackendKind, type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';
import { fillFederated } from '../steps.ts';

export const HOUR_MS = 60 * 60_000;
export const DAY_MS = 24 * HOUR_MS;

interface TeamSettings {
  policy?: Policy;
  channel?: string;
  /** Roles in ml-platform, by name. Ada is an admin, Ben and Fay are members. */
  roles?: Record<string, 'admin' | 'member' | 'view-only' | 'none'>;
}

/** Starts Acme, with this policy and channel for ml-platform. Cy is an organization admin; Dee is in no team. */
export function startWithPolicy(
  backend: BackendKind,
  settings: TeamSettings = {},
): Promise<RunningWorkspace> {
  const seed = sandboxWorkspace;
  const organization = acmeWith(settings);
  return backend === 'builtin'
    ? startWorkspace({ backend, seed, organization })
    : startWorkspace({ backend, seed, organization, policies: policiesOf(settings) });
}

/** Applies another policy and other roles in ml-platform, as a changed teams file or a change in W&B would. */
export async function changeTeam(workspace: RunningWorkspace, settings: TeamSettings): Promise<void> {
  if (hasWandb(workspace)) {
    const { baseUrl, apiKey } = workspace.wandb;
    const policies = policiesOf(settings);
    await workspace.restartKeysmith({
      backend: { kind: 'wandb', baseUrl, apiKey: new Secret(apiKey), policies },
    });
  } else await workspace.restartKeysmith({ organization: acmeWith(settings) });
}

function hasWandb({ rows }: RunningWorkspace): boolean {
  return rows("select 1 from organizations where backend = 'wandb'").length > 0;
}

function policiesOf({ policy = {}, channel }: TeamSettings) {
  const ofTeam = { policy, ...(channel !== undefined && { channel }) };
  return { organization: {}, teams: [{ name: 'ml-platform', ...ofTeam }] };
}

function acmeWith({ policy = {}, channel, roles = {} }: TeamSettings) {
  const { organization, issuers, teams } = acmeTeams();
  const named: Record<string, string> = { ada: 'admin', ben: 'member', fay: 'member', ...roles };
  const members = Object.entries(named).flatMap(([name, role]) =>
    role === 'none'
      ? []
      : [{ email: `${name}@acme.test`, username: name, role: role as 'admin' | 'member' | 'view-only' }],
  );
  const ofTeam = { members, policy, ...(channel !== undefined && { channel }) };
  return {
    name: 'acme',
    admins: organization.admins,
    issuers,
    teams: teams.map((team) => (team.name === 'ml-platform' ? { ...team, ...ofTeam } : team)),
  };
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

/** Requests a federated account, as a member. */
export async function requestFederated(person: SlackPerson, name: string, subject: string): Promise<void> {
  await openRequestForm(person, `/wandb sa new ${name} --team ml-platform`);
  await fillFederated(person, subject);
  await person.fill('reason', 'CI');
  await person.submit();
  await person.waitForView('Requested');
  await person.close();
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

/** Opens *Deny* on the card of a request, and fills in the reason. */
export async function openDeny(person: SlackPerson, card: PageMessage, reason: string): Promise<void> {
  await person.click(card, 'Deny');
  await person.waitForView((view) => view.submit === 'Deny');
  await person.fill('reason', reason);
}

/** Denies a request on its card. */
export async function deny(person: SlackPerson, card: PageMessage, reason: string): Promise<void> {
  await openDeny(person, card, reason);
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

/** Returns the buttons of a message, as they were posted. */
export function buttonsOf({ blocks }: PageMessage): object[] {
  return blocks.flatMap((block) => (block.type === 'actions' ? (block.elements as object[]) : []));
}
