import { expect } from 'vitest';
import type { SlackPerson } from '../driver/slack-person.ts';
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

/** Every combination of transport and backend. */
export const PLACES: readonly [Transport, BackendKind][] = [
  ['http', 'builtin'],
  ['socket', 'builtin'],
  ['http', 'wandb'],
  ['socket', 'wandb'],
];
