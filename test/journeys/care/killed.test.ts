import { expect, test } from 'vitest';
import { visibleText } from '../../driver/visible-text.ts';
import { startWorkspace } from '../../world/running-workspace.ts';
import { serveFromProcess } from '../delivery/crash/replica.ts';
import { requestsToSlack } from '../delivery/key-delivery.ts';
import { createFirst } from '../keys/rotating.ts';

const DAY_MS = 24 * 60 * 60_000;
const TEXTS = ['may no longer be needed', 'has left the team', 'in `ml-platform` expires '];

test('A process that is killed while it posts a card, a review and a notice leaves them to the next one, which sends each once', async () => {
  const workspace = await startWorkspace();
  try {
    const [ada, ben] = [workspace.slack.as('Ada'), workspace.slack.as('Ben')];
    await createFirst(workspace, ada, 'nightly-eval', ben);
    await createFirst(workspace, ada, 'weekly-eval');
    workspace.slack.changePerson('Ben', { deactivated: true });
    workspace.clock.advance(77 * DAY_MS);
    workspace.slack.failures.set('chat.postMessage', { kind: 'timeout' });
    const replica = await serveFromProcess(workspace);
    const asked = () => {
      const bodies = requestsToSlack(workspace, 'chat.postMessage').map(({ body }) =>
        decodeURIComponent(body.replaceAll('+', ' ')),
      );
      return TEXTS.map((text) => bodies.some((body) => body.includes(text)));
    };
    await expect.poll(asked, { timeout: 20_000 }).toEqual([true, true, true]);
    await replica.kill();
    expect(ada.messages('Keysmith')).toEqual([]);

    workspace.slack.failures.clear();
    await workspace.restartKeysmith();
    for (let minute = 0; minute < 4; minute += 1) {
      workspace.clock.advance(2 * 60_000);
      await workspace.keysmith.settle();
    }
    const sent = ada.messages('Keysmith').map(visibleText);
    const counts = TEXTS.map((text) => sent.filter((one) => one.includes(text)).length);
    // A notice for each key: that of the contact who left goes to the admins.
    expect([counts, sent.length]).toEqual([[1, 1, 2], 4]);
  } finally {
    await workspace.stop();
  }
});
