import type { ChangesBy } from './account-changes.ts';
import type { Capabilities } from './capabilities.ts';
import { keyPrefix, type WandbState, type WandbTeam, type WandbUser } from './wandb-state.ts';

/** Returns the team's service accounts and their keys, with forms for what an admin does in W&B itself. HTML. */
export function accountForms(state: WandbState, { memberships }: WandbTeam): string {
  const accounts = memberships.map(({ user }) => user).filter(({ accountType }) => accountType === 'SERVICE');
  const rows = accounts.map(
    (user) =>
      `<tr><td>${escapeHtml(user.name)}</td><td>${authentication(state, user)}</td><td>${accountButtons(state, user)}</td></tr>`,
  );
  const table =
    rows.length === 0
      ? '<p>This team has no service accounts.</p>'
      : `<table>
<thead><tr><th scope="col">Name</th><th scope="col">Authentication</th><th scope="col">Changes</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>`;
  return `${table}
<form method="post"><label>Name <input name="name" required maxlength="100"></label> ${button('create_account', 'Create service account')}</form>
${keptKeys(state)}`;
}

/** Returns the keys that deleted accounts of the organization left. */
function keptKeys({ keys, users }: WandbState): string {
  const kept = keys.filter(({ user }) => !users.includes(user));
  if (kept.length === 0) return '';
  const items = kept.map(
    (key) => `<li>${escapeHtml(`${key.user.name}: ${keyPrefix(key.secret)}…`)} ${deleteKeyForm(key)}</li>`,
  );
  return `<h2>API keys of deleted accounts</h2>\n<ul>\n${items.join('\n')}\n</ul>`;
}

function authentication({ clients, keysOf }: WandbState, user: WandbUser): string {
  const client = clients.find((one) => one.user === user);
  if (client) return escapeHtml(`Federated identity: ${client.subject} of ${client.provider.issuerUrl}`);
  const prefixes = keysOf(user).map(({ secret }) => `${keyPrefix(secret)}…`);
  return escapeHtml(prefixes.length > 0 ? `API keys: ${prefixes.join(', ')}` : 'No API key');
}

/** The app's own account can't be changed here. */
function accountButtons({ keysOf, clients }: WandbState, user: WandbUser): string {
  if (user.isOrganizationAccount) return '';
  const isFederated = clients.some((client) => client.user === user);
  return [
    ...(isFederated ? [] : [form(user.id, 'create_key', 'Create API key')]),
    ...keysOf(user).map(deleteKeyForm),
    form(user.id, 'delete_account', 'Delete account'),
  ].join(' ');
}

function deleteKeyForm({ id, secret }: { id: string; secret: string }): string {
  return form(id, 'delete_key', `Delete key ${keyPrefix(secret)}…`);
}

function form(id: string, action: Action, label: string): string {
  return `<form method="post"><input type="hidden" name="id" value="${escapeHtml(id)}">${button(action, label)}</form>`;
}

function button(action: Action, label: string): string {
  return `<button name="action" value="${action}">${escapeHtml(label)}</button>`;
}

type Action = 'create_account' | 'delete_account' | 'create_key' | 'delete_key';

/** Carries out a form as an organization admin. Returns what it did, or why it did nothing. HTML. */
export function submitAccountForm(
  {
    state,
    changesBy,
    capabilities,
  }: { state: WandbState; changesBy: ChangesBy; capabilities: Readonly<Capabilities> },
  team: WandbTeam,
  fields: URLSearchParams,
): string {
  const changes = changesBy(state.users.find(({ admin, accountType }) => admin && accountType === 'USER'));
  const id = fields.get('id');
  const account = accountsOf(team).find((user) => user.id === id);
  const name = fields.get('name')?.trim() ?? '';
  switch (fields.get('action')) {
    case 'create_account': {
      if (name === '') return '<p>Name the service account.</p>';
      const created = changes.createServiceAccount(team, name);
      const key = capabilities.createsKeyWithAccount ? newKey(changes.createKey(created)) : '';
      return `<p>Created ${escapeHtml(name)}.</p>${key}`;
    }
    case 'delete_account':
      if (account === undefined) break;
      changes.removeMember(team, account);
      return `<p>Deleted ${escapeHtml(account.name)}.</p>`;
    case 'create_key':
      if (account === undefined) break;
      return newKey(changes.createKey(account));
    case 'delete_key': {
      const key = state.keys.find((one) => one.id === id);
      const isOthers = key && state.users.includes(key.user) && !accountsOf(team).includes(key.user);
      if (key === undefined || isOthers) break;
      changes.deleteKey(key);
      return `<p>Deleted a key of ${escapeHtml(key.user.name)}.</p>`;
    }
  }
  return '<p>Nothing was changed: W&amp;B has no such account or key.</p>';
}

/** Returns the service accounts that are of the team alone. */
function accountsOf({ memberships }: WandbTeam): WandbUser[] {
  return memberships
    .map(({ user }) => user)
    .filter(({ accountType, isOrganizationAccount }) => accountType === 'SERVICE' && !isOrganizationAccount);
}

function newKey({ user, secret }: { user: WandbUser; secret: string }): string {
  return `<p>API key of ${escapeHtml(user.name)}, shown once: <code>${escapeHtml(secret)}</code></p>`;
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
