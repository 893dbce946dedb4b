import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { isLongForm } from '../../long-form.ts';
import { auditCount, effects, lastAudit } from '../../security/workspace-state.ts';
import { type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';

/** Slack delivers each of them, so the short form has fewer. */
const TIMES = isLongForm ? 3_000 : 30;
const WINDOW_MS = 10 * 60_000;

let workspace: RunningWorkspace;
let dee: SlackPerson;
beforeAll(async () => {
  workspace = await startWorkspace({ keysmith: { refusalWindowMs: WINDOW_MS } });
  dee = workspace.slack.as('Dee');
});
afterAll(() => workspace.stop());

test(`a person in no team who runs commands ${TIMES} times adds two audit events for each kind of command and nothing else`, async () => {
  const before = { recorded: auditCount(workspace), effects: effects(workspace) };
  for (let index = 0; index < TIMES; index += 1) {
    const name = index % 2 === 0 ? 'nightly-eval' : `name-${index}`;
    for (const line of ['list', `list --team team-${index}`, `new --team team-${index}`, `revoke ${name}`]) {
      await dee.command('random', `/wandb sa ${line}`);
    }
  }
  await dee.waitFor('the last refusal', () =>
    dee.messages('random').length >= 4 * TIMES ? true : undefined,
  );
  const first = auditCount(workspace) - before.recorded;
  expect(first).toBeLessThanOrEqual(6);

  await workspace.keysmith.settle();
  expect(auditCount(workspace) - before.recorded).toBe(first);
  workspace.clock.advance(WINDOW_MS);
  await workspace.keysmith.settle();
  expect(auditCount(workspace) - before.recorded).toBe(2 * first);
  const events = (await workspace.audit()).slice(before.recorded);
  const counted = events.reduce((sum, { details }) => sum + Number(details.repeated ?? 1), 0);
  expect(counted).toBe(4 * TIMES);
  expect(effects(workspace)).toEqual(before.effects);
});

test('the number of repetitions is recorded when Keysmith stops', async () => {
  const before = auditCount(workspace);
  for (const times of [1, 2, 3]) {
    await dee.command('ml-platform', '/wandb sa list');
    await dee.waitFor('the refusal', () => (dee.messages('ml-platform').length >= times ? true : undefined));
  }
  expect(auditCount(workspace)).toBe(before + 1);

  await workspace.restartKeysmith();
  expect(auditCount(workspace)).toBe(before + 2);
  expect(lastAudit(workspace).details).toMatchObject({ reason: 'no_team', repeated: 2 });
});
