import { expect } from 'vitest';
import type { SlackPerson } from '../driver/slack-person.ts';
import { visibleText } from '../driver/visible-text.ts';
import { isLongForm } from '../long-form.ts';
import type { BackendKind, Transport } from '../world/running-workspace.ts';

/** Chooses the authentication method and waits for its fields. */
export async function chooseMethod(person: SlackPerson, method: 'api_key' | 'federated'): Promise<void> {
  const isFederated = method === 'federated';
  await person.fill('method', method);
  await person.waitForView(
    (view) => view.blocks.some(({ block_id }) => block_id === 'subject') === isFederated,
  );
}

/** Fills in the form for a federated account of an issuer in Acme's teams file. */
export async function fillFederated(person: SlackPerson, subject = 'repo:acme/eval'): Promise<void> {
  await chooseMethod(person, 'federated');
  await person.fill('issuer', 'https://token.actions.githubusercontent.com');
  await person.fill('subject', subject);
}

/** Returns the secret part of a key, which no log or record may contain. */
export function secretPart(key: string): string {
  const secret = key.slice(key.indexOf('-') + 1, key.indexOf('-') + 35);
  expect(secret).toHaveLength(34);
  return secret;
}

/** Each transport once and each backend once; in the long form every combination. */
export const PLACES: readonly [Transport, BackendKind][] = isLongForm
  ? [
      ['http', 'builtin'],
      ['socket', 'builtin'],
      ['http', 'wandb'],
      ['socket', 'wandb'],
    ]
  : [
      ['http', 'builtin'],
      ['socket', 'wandb'],
    ];

/** Both transports in the long form. By default one, for journeys that differ between them in nothing of their own. */
export const TRANSPORTS: readonly Transport[] = isLongForm ? ['http', 'socket'] : ['http'];

/** How Slack says that an account ends: Keysmith revokes its own accounts, and deletes those on a W&B server. */
export function ending(backend: BackendKind) {
  return backend === 'wandb'
    ? {
        button: 'Delete',
        /** Below a key or setup instructions. */
        buttonInMessage: 'Delete account',
        past: 'deleted',
        question: (name: string, team = 'ml-platform') => `Delete \`${name}\` in \`${team}\` from W&B?`,
        ended: (name: string, team = 'ml-platform') => `Deleted \`${name}\` in \`${team}\` from W&B.`,
        keyEnded: 'W&B keeps the keys of deleted accounts, and they may still work',
      }
    : {
        button: 'Revoke',
        buttonInMessage: 'Revoke',
        past: 'revoked',
        question: (name: string, team = 'ml-platform') => `Revoke \`${name}\` in \`${team}\`?`,
        ended: (name: string, team = 'ml-platform') => `Revoked \`${name}\` in \`${team}\`.`,
        keyEnded: 'Its keys no longer work.',
      };
}

/** The name of an account on a W&B server: the name that people see, with Keysmith's tag. */
export function taggedName(name: string): RegExp {
  return new RegExp(`^${name}-ks[a-z2-7]{13}$`);
}

/**
 * Ends an account with `/wandb service-account revoke NAME`: types its name to confirm, and closes the form again.
 *
 * @returns the outcome that the form shows
 */
export async function endAccount(person: SlackPerson, conversation: string, line: string): Promise<string> {
  await openRevokeForm(person, conversation, line);
  return confirmEnd(person, / revoke (\S+)/.exec(line)?.[1] ?? '');
}

/** Types the command and waits for the form *Revoke account* or *Delete account*. Returns its text. */
export async function openRevokeForm(
  person: SlackPerson,
  conversation: string,
  line: string,
): Promise<string> {
  expect(await person.command(conversation, line)).toEqual({ ok: true });
  return waitForRevokeForm(person);
}

export async function waitForRevokeForm(person: SlackPerson): Promise<string> {
  return visibleText(await person.waitForView(({ title }) => /^(Revoke|Delete) account$/.test(title)));
}

/** Types the name into the open form *Revoke account*, submits it, and closes the outcome, which it returns. */
export async function confirmEnd(person: SlackPerson, name: string): Promise<string> {
  await person.fill('name', name);
  expect(await person.submit()).toEqual({ ok: true });
  const outcome = visibleText(await person.waitForView(({ submit }) => submit === undefined));
  await person.close();
  return outcome;
}
