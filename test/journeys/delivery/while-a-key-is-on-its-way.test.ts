import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SlackPerson } from '../../driver/person.ts';
import { openForm } from '../../world/new-account-form.ts';
import { type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';
import { sentKeys } from './key-delivery.ts';

let workspace: RunningWorkspace;
let ada: SlackPerson;
beforeEach(async () => {
  workspace = await startWorkspace();
  ada = workspace.slack.as('Ada');
});
afterEach(() => workspace.stop());

/** Resolves when the key has left and Slack has not answered yet. */
async function sendSlowly(): Promise<{ submitted: Promise<unknown> }> {
  await openForm(ada, 'ml-platform', '/wandb service-account new nightly-eval');
  workspace.slack.failures.set('response_url', { kind: 'slow', delayMs: 1_500 }, { times: 1 });
  const submitted = ada.submit();
  await expect.poll(() => sentKeys(workspace).length).toBe(1);
  return { submitted };
}

test('doesn’t report an account as created when it was revoked during the delivery, although Slack accepted the message', async () => {
  const { submitted } = await sendSlowly();
  const cy = workspace.slack.as('Cy');
  await cy.command('random', '/wandb sa revoke nightly-eval');
  await cy.click(await cy.waitForMessage('random', 'Revoke `nightly-eval`'), 'Revoke');
  await submitted;

  await ada.waitForView(/revoked/);

  expect(workspace.rows('select revoked_at_ms is not null as revoked from api_keys')).toEqual([
    { revoked: 1 },
  ]);
});

test('a shutdown accepts no new requests and finishes the delivery in flight', async () => {
  const { submitted } = await sendSlowly();
  const stopping = workspace.keysmith.stop();

  const refused = await fetch(`${workspace.keysmith.url}/slack/events`, { method: 'POST' });
  await submitted;
  await stopping;

  expect(refused.status).toBe(503);
  expect(workspace.rows('select state from deliveries')).toEqual([{ state: 'delivered' }]);
});
