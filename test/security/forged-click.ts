import { expect } from 'vitest';
import type { SlackPerson } from '../driver/slack-person.ts';
import { visibleText } from '../driver/visible-text.ts';
import { openForm } from '../world/new-account-form.ts';
import type { RunningWorkspace } from '../world/running-workspace.ts';
import { auditCount, lastAudit, referenceIn, until } from './workspace-state.ts';

export const CHANNEL = 'C0MLPLAT01';

let ordinal = 0;
export const button = (action_id: string, value?: string) => ({
  type: 'button',
  action_id,
  block_id: `block_${++ordinal}`,
  ...(value === undefined ? {} : { value }),
});

/** Delivers a click on buttons that no message of Keysmith's has. */
export function clickForged(
  workspace: RunningWorkspace,
  actions: object[],
  { as, more }: { as: string; more?: object | undefined },
) {
  return workspace.slack.deliver(
    {
      payload: {
        type: 'block_actions',
        container: { type: 'message', message_ts: '1.0', channel_id: CHANNEL, is_ephemeral: true },
        channel: { id: CHANNEL, name: 'ml-platform' },
        actions,
        ...more,
      },
    },
    { as },
  );
}

/** Waits for an audit event after the first `recorded` ones, and for the message with its reference. */
export async function waitForRefusal(
  workspace: RunningWorkspace,
  person: SlackPerson,
  { recorded, conversation }: { recorded: number; conversation: string },
) {
  const audit = await until(
    'the audit event',
    () => auditCount(workspace) > recorded && lastAudit(workspace),
  );
  const message = await person.waitForMessage(conversation, audit.request_id);
  expect(referenceIn(message)).toBe(audit.request_id);
  return { audit, text: visibleText(message).replace(/Reference ks_\w+/, '') };
}

/** Creates an account in research whose key can't be delivered, so that Cy may collect it. */
export async function createUndelivered({ slack, rows }: RunningWorkspace) {
  const cy = slack.as('Cy');
  slack.failures.set('response_url', { kind: 'error', error: 'used_url' });
  await openForm(cy, 'ml-platform');
  await cy.fill('team', 'research');
  await cy.fill('name', 'paper-mill');
  await cy.submit();
  await cy.waitForMessage('Keysmith', 'Collect the key');
  slack.failures.clear();
  await cy.close();
  return {
    accountId: rows<{ id: string }>('select id from service_accounts')[0]?.id ?? '',
    collectionId: rows<{ id: string }>('select id from collections')[0]?.id ?? '',
  };
}
