import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  type RunningWorkspace,
  startWorkspace,
  withoutReconnectPause,
} from '../../world/running-workspace.ts';

let workspace: RunningWorkspace;
beforeEach(async () => {
  workspace = await startWorkspace({ transport: 'socket' });
});
afterEach(() => workspace.stop());

const readiness = async () => (await fetch(`${workspace.keysmith.url}/readyz`)).status;

test('Socket Mode reconnects after Slack rejected connections for a while, and reports not ready until then', async () => {
  const ada = workspace.slack.as('Ada');
  expect(await readiness()).toBe(200);
  workspace.slack.failures.set('apps.connections.open', { kind: 'status', status: 503 });

  await withoutReconnectPause(async () => {
    workspace.slack.disconnectSockets('refresh_requested');
    await expect.poll(readiness, { timeout: 10_000 }).toBe(503);
    workspace.slack.failures.clear();
    await expect.poll(readiness, { timeout: 20_000 }).toBe(200);
  });

  expect(await ada.command('random', '/wandb help')).toEqual({ ok: true });
  await ada.waitForMessage('random', 'creates and manages service accounts for your W&B teams');
});
