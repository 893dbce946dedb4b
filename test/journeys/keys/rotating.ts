import type { SlackPerson } from '../../driver/slack-person.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { send } from '../../send-request.ts';
import { keyIn, openForm } from '../../world/new-account-form.ts';
import type { RunningWorkspace } from '../../world/running-workspace.ts';

export interface Key {
  keyId: string;
  accountId: string;
  key: string;
}

interface KeyRow {
  name: string;
  expiresAtMs: number;
  revokedAtMs: number | null;
  /** Of the last rotation that replaces the key. */
  state: string | null;
}

export function keyRow({ rows }: Pick<RunningWorkspace, 'rows'>, keyId: string): KeyRow | undefined {
  return rows<KeyRow>(
    `select k.name, k.expires_at_ms as expiresAtMs, k.revoked_at_ms as revokedAtMs,
            (select r.state from rotations r where r.old_key_id = k.key_id order by r.started_at_ms desc) as state
       from api_keys k where k.key_id = ?`,
    keyId,
  )[0];
}

function toKey({ rows }: Pick<RunningWorkspace, 'rows'>, key: string): Key {
  const keyId = key.slice('keysmith_'.length, key.indexOf('-'));
  const [row] = rows<{ accountId: string }>(
    'select account_id as accountId from api_keys where key_id = ?',
    keyId,
  );
  return { keyId, key, accountId: row?.accountId ?? '' };
}

/** Creates an account of ml-platform, with its first key. */
export async function createFirst(
  workspace: RunningWorkspace,
  person: SlackPerson,
  name: string,
  contact = person,
): Promise<Key> {
  await openForm(person, 'random', `/wandb sa new ${name} --team ml-platform`);
  if (contact !== person) await person.fill('contact', contact.id);
  await person.submit();
  return toKey(workspace, keyIn(await waitForKey(person, name, new Set())) ?? '');
}

function waitForKey(person: SlackPerson, name: string, before: ReadonlySet<string | undefined>) {
  return person.waitForMessage('random', (message) => {
    const key = keyIn(message);
    return visibleText(message).includes(name) && key !== undefined && !before.has(key);
  });
}

export async function openRotateForm(person: SlackPerson, name: string): Promise<void> {
  await person.command('random', `/wandb sa rotate ${name}`);
  await person.waitForView((view) => view.submit === 'Rotate');
}

/** Submits the open form. Returns the new key. */
export async function submitRotation(
  workspace: RunningWorkspace,
  person: SlackPerson,
  name: string,
): Promise<Key> {
  const before = new Set(person.messages('random').map(keyIn));
  await person.submit();
  return toKey(workspace, keyIn(await waitForKey(person, name, before)) ?? '');
}

export async function rotate(
  workspace: RunningWorkspace,
  person: SlackPerson,
  name: string,
  values: { overlap?: string; unused?: true } = {},
): Promise<Key> {
  await openRotateForm(person, name);
  if (values.overlap) await person.fill('key_overlap', values.overlap);
  if (values.unused) await person.fill('key_unused', ['revoke_unused']);
  return submitRotation(workspace, person, name);
}

/** Uses a key. Returns the status of the response: 200 or 401. */
export async function statusOf({ keysmith }: RunningWorkspace, { key }: Pick<Key, 'key'>): Promise<number> {
  const headers = { authorization: `Bearer ${key}`, 'user-agent': 'wandb-core' };
  return (await send(`${keysmith.url}/forward-auth`, { method: 'GET', headers })).status;
}

export async function pass(workspace: RunningWorkspace, milliseconds = 0): Promise<void> {
  workspace.clock.advance(milliseconds);
  await workspace.keysmith.settle();
}
