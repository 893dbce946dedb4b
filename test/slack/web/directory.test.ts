import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { DirectoryUnavailableError } from '../../../src/application/ports/slack.ts';
import { Secret } from '../../../src/domain/keys/secret.ts';
import { createDirectory } from '../../../src/slack/web/directory.ts';
import { createWebClient } from '../../../src/slack/web/web-client.ts';

const NOW_MS = Date.UTC(2026, 0, 1);

/** Creates a directory over a Slack that counts the profiles it returns. */
function countingDirectory() {
  const clock = { nowMs: NOW_MS };
  const slack = { isKnown: true, error: 'user_not_found' };
  let reads = 0;
  const fetch = async () => {
    reads += 1;
    if (!slack.isKnown) return Response.json({ ok: false, error: slack.error });
    return Response.json({
      ok: true,
      user: { id: 'U1', team_id: 'T1', profile: { email: 'ada@example.com' } },
    });
  };
  const web = createWebClient(new Secret('xoxb-1'), {
    fetch,
    apiUrl: 'https://slack.com/api/',
    logger: pino({ enabled: false }),
  });
  const workspace = { workspaceId: 'T1', enterpriseId: undefined };
  const directory = createDirectory({ web, workspace, monotonicMs: () => clock.nowMs });
  return { directory, clock, slack, reads: () => reads };
}

describe('The directory of Slack users', () => {
  test.each([0, -1, Number.NaN])(
    'reads a profile again for every effect, which allows an age of %d',
    async (maxAgeMs) => {
      const { directory, clock, reads } = countingDirectory();
      for (const steppedMs of [0, 0, -3_600_000, 86_400_000]) {
        clock.nowMs += steppedMs;
        await directory.profile('U1', { maxAgeMs });
      }
      await directory.profile('U1');
      expect(reads()).toBe(5);
    },
  );

  test('forgets the profile of someone whom Slack no longer knows', async () => {
    const { directory, slack, reads } = countingDirectory();
    await directory.profile('U1', { maxAgeMs: 60_000 });
    slack.isKnown = false;
    expect(await directory.profile('U1')).toBeUndefined();

    expect(await directory.profile('U1', { maxAgeMs: 60_000 })).toBeUndefined();
    expect(reads()).toBe(3);
  });

  test('tells an address that Slack doesn’t know from one that it couldn’t look up', async () => {
    const { directory, slack, reads } = countingDirectory();
    slack.isKnown = false;
    slack.error = 'internal_error';
    await expect(directory.findByEmail('ada@example.com')).rejects.toThrow(DirectoryUnavailableError);
    slack.error = 'users_not_found';
    expect(await directory.findByEmail('ada@example.com')).toBeUndefined();
    expect(await directory.findByEmail('ada@example.com')).toBeUndefined();
    expect(reads()).toBe(2);
  });

  test('returns a remembered profile to a search for the time that the search allows', async () => {
    const { directory, clock, reads } = countingDirectory();
    await directory.profile('U1', { maxAgeMs: 60_000 });
    clock.nowMs += 59_999;
    await directory.profile('U1', { maxAgeMs: 60_000 });
    expect(reads()).toBe(1);

    clock.nowMs += 1;
    await directory.profile('U1', { maxAgeMs: 60_000 });
    expect(reads()).toBe(2);
  });
});
