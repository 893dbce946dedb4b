import type { ListPage } from '../../../application/accounts/list-service-accounts.ts';
import type { AccountPosition, ListStart } from '../../../application/ports/account-records.ts';
import { ACCOUNT_STATUSES } from '../../../domain/accounts/account-status.ts';

/*
 * The value of a button below a list: which page it leads to. The position is that of an account on the page with the button, so
 * that other pages don't move when accounts come and go.
 */

export function listPageValue(page: Omit<ListPage, 'start'>, start?: ListStart): string {
  const { teamName, status, namePart } = page;
  const fields = new URLSearchParams();
  if (teamName !== undefined) fields.set('team', teamName);
  if (status !== undefined) fields.set('status', status);
  if (namePart !== undefined) fields.set('name', namePart);
  if (start === undefined) return fields.toString();
  const { direction, position } = start;
  if ('teamName' in position) {
    fields.set(direction, position.name);
    // A list of one team doesn't name it twice: two long names don't fit into a value.
    if (position.teamName !== teamName) fields.set('of', position.teamName);
  } else {
    fields.set(direction, position.id);
    fields.set('at', String(position.atMs));
  }
  return fields.toString();
}

/** Reads a button's value. Whatever it is, it is a page: one from before has no position, and leads to the first. */
export function readListPage(value: string): ListPage {
  const fields = new URLSearchParams(value);
  const [teamName, namePart] = [fields.get('team'), fields.get('name')];
  const status = ACCOUNT_STATUSES.find((one) => one === fields.get('status'));
  const start = readStart(fields);
  return {
    ...(teamName !== null && { teamName }),
    ...(status !== undefined && { status }),
    ...(namePart !== null && { namePart }),
    ...(start !== undefined && { start }),
  };
}

function readStart(fields: URLSearchParams): ListStart | undefined {
  for (const direction of ['after', 'before'] as const) {
    const name = fields.get(direction);
    if (name !== null) return { direction, position: readPosition(fields, name) };
  }
  return undefined;
}

function readPosition(fields: URLSearchParams, name: string): AccountPosition {
  const at = fields.get('at');
  if (at === null) return { teamName: fields.get('of') ?? fields.get('team') ?? '', name };
  const atMs = Number(at);
  return { atMs: Number.isSafeInteger(atMs) ? atMs : 0, id: name };
}
