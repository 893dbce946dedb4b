import type { Button, ConfirmationDialog, KnownBlock, RichTextBlock } from '@slack/types';
import type { IssuedKey } from '../../../application/ports/backend.ts';
import type { RunAccess } from '../../../application/ports/gateway.ts';
import type { ServiceAccount } from '../../../domain/accounts/service-account.ts';
import { assignment, code, day, escapeMarkup, link, type Message, plainText } from '../blocks.ts';
import { revokeKeyButton } from '../keys/key-buttons.ts';
import { otherUseText, runsNotLoggedText } from './run-access-text.ts';
import { endVerb } from './server-account-text.ts';

export const KEY_MESSAGE_ACTIONS = {
  stored: 'mark_key_stored',
  revoke: 'revoke_account',
} as const;

/** What a message about a new credential needs besides the account. */
export interface CredentialSetup {
  /** Where workloads reach Keysmith, or the W&B server where accounts live there. */
  publicUrl: string;
  organizationName: string;
  /** Of the account's team. */
  runAccess: RunAccess;
  /** The page of the account's team on the W&B server; undefined where accounts live in Keysmith. */
  teamPage: string | undefined;
}

/** Deleting the account leaves the key in W&B. */
function neverExpiresText(page: string | undefined): string {
  const place = page === undefined ? '' : ` (${link(page)})`;
  return ` W&B keys don’t expire. When you no longer need this one, delete the account here and the key in W&B${place}.`;
}

/** Returns the only message that contains a key; its fallback `text` doesn't. */
export function keyMessage(
  issued: IssuedKey,
  setup: Pick<CredentialSetup, 'publicUrl' | 'runAccess' | 'teamPage'>,
): Message {
  const { account, delivery, keyName, key, expiresAtMs, serverName } = issued;
  return {
    text: `API key for ${account.name} in ${escapeMarkup(account.teamName)}. It’s shown once.`,
    blocks: [
      {
        type: 'section',
        text: {
          type: 'mrkdwn',
          text: `:key: *API key for ${code(account.name)}*`,
        },
      },
      {
        type: 'section',
        fields: [
          { type: 'mrkdwn', text: `*Account*\n${code(account.name)}` },
          { type: 'mrkdwn', text: `*Team*\n${code(account.teamName)}` },
          { type: 'mrkdwn', text: `*Key*\n${code(keyName)}` },
          { type: 'mrkdwn', text: `*Key ID*\n${code(delivery.keyId)}` },
          ...(serverName === undefined
            ? []
            : [{ type: 'mrkdwn' as const, text: `*In W&B*\n${code(serverName)}` }]),
          ...(setup.teamPage === undefined
            ? [
                {
                  type: 'mrkdwn' as const,
                  text: `*Expires*\n${expiresAtMs === undefined ? 'Never' : day(expiresAtMs)}`,
                },
              ]
            : []),
        ],
      },
      preformatted(key.reveal()),
      ...purposeBlocks(account, setup, `WANDB_API_KEY=${key.reveal()}`),
      {
        type: 'section',
        text: {
          type: 'mrkdwn',
          text: `*Shown once.* Store it in your secret manager now: Keysmith keeps no copy and can’t show it again.${setup.teamPage === undefined ? '' : neverExpiresText(setup.teamPage)}`,
        },
      },
      credentialActions(account, setup, issued),
    ],
  };
}

/** Returns the setup instructions for a federated account. Contains no secret. */
export function federatedAccountMessage(account: ServiceAccount, setup: CredentialSetup): Message {
  return {
    text: `Federated account ${account.name} in ${escapeMarkup(account.teamName)}.`,
    blocks: [
      {
        type: 'section',
        text: {
          type: 'mrkdwn',
          text: `:key: *Federated account ${code(account.name)}*`,
        },
      },
      {
        type: 'section',
        fields: [
          { type: 'mrkdwn', text: `*Account*\n${code(account.name)}` },
          { type: 'mrkdwn', text: `*Team*\n${code(account.teamName)}` },
        ],
      },
      ...setupBlocks(account, setup),
      credentialActions(account, setup),
    ],
  };
}

/** Returns what the workloads of an account need, with a placeholder for what is secret or their own. */
export function setupBlocks(account: ServiceAccount, setup: CredentialSetup): KnownBlock[] {
  if (account.method === 'api_key') return purposeBlocks(account, setup, 'WANDB_API_KEY=YOUR_API_KEY');
  const { issuer = '', subject = '' } = account.externalIdentity ?? {};
  return [
    section('It has no key. Its workloads sign in with a JWT that has exactly these claims:'),
    preformatted(
      `issuer (iss)    ${issuer}\nsubject (sub)   ${subject}\naudience (aud)  ${setup.organizationName}`,
    ),
    ...purposeBlocks(account, setup, 'WANDB_IDENTITY_TOKEN_FILE=/path/to/the/workload/token'),
  ];
}

/** Returns what the job of an account on a W&B server needs besides its key. */
export function jobBlocks({ teamName }: ServiceAccount, { publicUrl }: CredentialSetup): KnownBlock[] {
  const lines = [assignment('WANDB_ENTITY', teamName), `WANDB_BASE_URL=${publicUrl}`];
  return [section('Set these in the job’s environment as well:'), preformatted(lines.join('\n'))];
}

/** Shows the lines for the job, the credential's first, only where a W&B server gets what the job sends. */
function purposeBlocks(
  account: ServiceAccount,
  { publicUrl, runAccess }: Pick<CredentialSetup, 'publicUrl' | 'runAccess'>,
  credentialLine: string,
): KnownBlock[] {
  if (runAccess === 'no_upstream' || runAccess === 'not_verified') {
    return [section(otherUseText(runAccess, account, publicUrl))];
  }
  const lines = [credentialLine, assignment('WANDB_ENTITY', account.teamName), `WANDB_BASE_URL=${publicUrl}`];
  const warning = runsNotLoggedText(runAccess, account.teamName);
  return [
    section('Set these in the job’s environment:'),
    preformatted(lines.join('\n')),
    ...(warning === undefined ? [] : [section(warning)]),
  ];
}

function section(markup: string): KnownBlock {
  return { type: 'section', text: { type: 'mrkdwn', text: markup } };
}

/** A federated account has nothing to store, so its message has no *I've stored it*. */
function credentialActions(
  account: ServiceAccount,
  { teamPage }: Pick<CredentialSetup, 'teamPage'>,
  issued?: IssuedKey,
): KnownBlock {
  const isOnServer = teamPage !== undefined;
  const value = issued === undefined ? account.id : `${account.id}:${issued.delivery.keyId}`;
  const revoke = issued?.isRevokedAlone
    ? revokeKeyButton(account, issued.delivery)
    : revokeButton(account, value, isOnServer);
  const stored: Button = {
    type: 'button',
    action_id: KEY_MESSAGE_ACTIONS.stored,
    style: 'primary',
    text: plainText('I’ve stored it'),
    value,
  };
  return {
    type: 'actions',
    elements: [...(account.method === 'api_key' ? [stored] : []), revoke],
  };
}

/** Reads a button's value. Messages from before the buttons named the key, and the question of `revoke`, have the account only. */
export function readKeyButton(value: string): { accountId: string; keyId: string | undefined } {
  const end = value.indexOf(':');
  return end < 0
    ? { accountId: value, keyId: undefined }
    : { accountId: value.slice(0, end), keyId: value.slice(end + 1) };
}

/** Returns a *Revoke* or *Delete account* button with a confirmation dialog. */
function revokeButton(account: ServiceAccount, value: string, isOnServer: boolean): Button {
  return {
    type: 'button',
    action_id: KEY_MESSAGE_ACTIONS.revoke,
    style: 'danger',
    text: plainText(isOnServer ? 'Delete account' : 'Revoke'),
    value,
    confirm: revokeConfirmation(account, isOnServer),
  };
}

export function revokeConfirmation(account: ServiceAccount, isOnServer: boolean): ConfirmationDialog {
  return {
    title: plainText(confirmationTitle(account, isOnServer)),
    text: plainText(`${consequenceText(account, isOnServer)} This can’t be undone.`),
    confirm: plainText(endVerb(isOnServer)),
    deny: plainText('Keep'),
    style: 'danger',
  };
}

function confirmationTitle({ method }: ServiceAccount, isOnServer: boolean): string {
  if (isOnServer) return 'Delete this account from W&B?';
  return method === 'api_key' ? 'Revoke this key?' : 'Revoke this account?';
}

function consequenceText({ name, teamName, method }: ServiceAccount, isOnServer: boolean): string {
  if (method === 'federated') {
    return `Workloads using ${name} in ${teamName} will no longer be able to sign in.`;
  }
  return isOnServer
    ? `W&B keeps the keys of ${name} in ${teamName}, and they may still work until an admin deletes them there.`
    : `The key for ${name} will stop working immediately. If the account has no other key, it’s revoked too.`;
}

/** Rich text shows its text unchanged: no markup, links or emoji. */
export function preformatted(text: string): RichTextBlock {
  return {
    type: 'rich_text',
    elements: [{ type: 'rich_text_preformatted', elements: [{ type: 'text', text }] }],
  };
}
