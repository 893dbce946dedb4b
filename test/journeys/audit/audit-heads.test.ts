import { expect, test } from 'vitest';
import { visibleText } from '../../driver/visible-text.ts';
import { BACKENDS, startWorkspace } from '../../world/running-workspace.ts';

const HOUR_MS = 60 * 60_000;
const CHANNEL = 'C0MLPLAT01';

test.each(BACKENDS)(
  'The head of the audit chain goes to the log every hour, and to a channel once a day: %s',
  async (backend) => {
    const workspace = await startWorkspace({ backend, keysmith: { auditHeads: { channel: CHANNEL } } });
    try {
      const { keysmith, clock } = workspace;
      const logged = () =>
        workspace
          .logs()
          .split('\n')
          .filter((line) => line.includes('"msg":"audit head"')).length;
      const ada = workspace.slack.as('Ada');
      const posted = () =>
        ada
          .messages('ml-platform')
          .filter((message) => visibleText(message).includes('The audit record has'));
      // Away from midnight (UTC), so that the next hours are of one day.
      clock.advance(24 * HOUR_MS - (clock.nowMs % (24 * HOUR_MS)) + HOUR_MS);
      await keysmith.settle();
      const [before, posts] = [logged(), posted().length];
      expect(before).toBeGreaterThan(0);
      for (let hour = 0; hour < 5; hour += 1) {
        clock.advance(HOUR_MS);
        await keysmith.settle();
        await keysmith.settle();
      }
      expect(logged()).toBe(before + 5);
      expect(posted()).toHaveLength(posts);
      for (let day = 1; day <= 3; day += 1) {
        clock.advance(24 * HOUR_MS);
        await keysmith.settle();
        expect(posted()).toHaveLength(posts + day);
      }
      const head = workspace.rows<{ hash: string }>(
        'select hash from audit_events order by sequence desc limit 1',
      )[0];
      expect(visibleText(posted().at(-1) ?? ({ blocks: [], text: '' } as never))).toContain(head?.hash);
      // A second start, as by another process, queues no second job.
      await workspace.restartKeysmith({ auditHeads: { channel: CHANNEL } });
      await workspace.keysmith.settle();
      expect(
        workspace.rows("select id from jobs where kind = 'audit_head' and finished_at_ms is null"),
      ).toHaveLength(1);
    } finally {
      await workspace.stop();
    }
  },
);

test('No head is logged or posted where nobody asked for it', async () => {
  const workspace = await startWorkspace();
  try {
    await workspace.keysmith.settle();
    expect(workspace.rows("select id from jobs where kind = 'audit_head'")).toEqual([]);
  } finally {
    await workspace.stop();
  }
});
