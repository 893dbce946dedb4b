import { expect } from 'vitest';
import type { SlackPerson } from '../driver/person.ts';
import type { BackendKind, Transport } from '../world/running-workspace.ts';

/** Chooses the authentication method and waits for the fields below it; keys have *Expires* with one backend only. */
export async function chooseMethod(person: SlackPerson, method: 'api_key' | 'federated'): Promise<void> {
  const isFederated = method === 'federated';
  await person.fill('method', method);
  await person.waitForView(
    (view) => view.blocks.some(({ block_id }) => block_id === 'subject') === isFederated,
  );
}

/** Fills the form in for a federated account of an issuer that Acme has. */
export async function fillFederated(person: SlackPerson, subject = 'repo:acme/eval'): Promise<void> {
  await chooseMethod(person, 'federated');
  await person.fill('issuer', 'https://gitlab.acme.test');
  await person.fill('subject', subject);
}

/** What of a key is nobody's to see: the part that every log and record must be without. */
export function secretPart(key: string): string {
  const secret = key.slice(key.indexOf('-') + 1, key.indexOf('-') + 35);
  expect(secret).toHaveLength(34);
  return secret;
}

/** Every transport with every backend. */
export const PLACES: readonly [Transport, BackendKind][] = [
  ['http', 'builtin'],
  ['socket', 'builtin'],
  ['http', 'wandb'],
  ['socket', 'wandb'],
];
