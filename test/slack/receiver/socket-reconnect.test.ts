import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Failure } from '../../../src/sandbox/slack/protocol/failures.ts';
import { SlackTokenRejectedError } from '../../../src/slack/web/token-rejection.ts';
import { type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';

let workspace: RunningWorkspace;
let fatal: Error[];
beforeEach(async () => {
  fatal = [];
  workspace = await startWorkspace({
    transport: 'socket',
    keysmith: { timing: { reconnectAfterMs: 10 }, onFatal: (error) => void fatal.push(error) },
  });
});
afterEach(() => workspace.stop());

const readiness = async () => (await fetch(`${workspace.keysmith.url}/readyz`)).status;
const fail = (failure: Failure) => workspace.slack.failures.set('apps.connections.open', failure);
const attempts = () =>
  workspace.slack.traffic.filter(({ method }) => method === 'apps.connections.open').length;

describe('Socket Mode', () => {
  test.each<[string, Failure]>([
    ['an HTTP error', { kind: 'status', status: 503 }],
    ['an internal error', { kind: 'error', error: 'internal_error' }],
    ['a limit', { kind: 'rate_limited', retryAfterSeconds: 1 }],
    ['a reset connection', { kind: 'reset' }],
  ])('reconnects after %s, and isn’t ready until then', async (_what, failure) => {
    expect(await readiness()).toBe(200);
    const before = attempts();
    fail(failure);
    workspace.slack.disconnectSockets('refresh_requested');
    await expect.poll(readiness, { timeout: 10_000 }).toBe(503);
    await expect.poll(attempts, { timeout: 10_000 }).toBeGreaterThan(before + 1);
    workspace.slack.failures.clear();
    await expect.poll(readiness, { timeout: 20_000 }).toBe(200);

    const ada = workspace.slack.as('Ada');
    expect(await ada.command('random', '/wandb help')).toEqual({ ok: true });
    await ada.waitForMessage('random', 'creates and manages service accounts for your W&B teams');
    expect(workspace.logs()).toContain('Slack not connected, reconnecting');
    expect(workspace.logs()).not.toContain('unhandled');
    expect(fatal).toEqual([]);
  });

  test.each(['invalid_auth', 'missing_scope', 'token_revoked', 'account_inactive', 'not_allowed_token_type'])(
    'ends the process when Slack rejects the token while it reconnects: %s',
    async (error) => {
      fail({ kind: 'error', error });
      workspace.slack.disconnectSockets('refresh_requested');
      await expect.poll(() => fatal, { timeout: 10_000 }).toHaveLength(1);
      expect(fatal[0]).toBeInstanceOf(SlackTokenRejectedError);
      expect(fatal[0]?.message).toContain(`Slack rejected SLACK_APP_TOKEN (${error}).`);
      expect(await readiness()).toBe(503);
    },
  );

  test('doesn’t start with a token that Slack rejects', async () => {
    fail({ kind: 'error', error: 'missing_scope' });
    await expect(workspace.restartKeysmith()).rejects.toThrow(
      'Slack rejected SLACK_APP_TOKEN (missing_scope).',
    );
  });
});
