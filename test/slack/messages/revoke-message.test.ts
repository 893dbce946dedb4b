import { describe, expect, test } from 'vitest';
import type { InterruptedRuns } from '../../../src/application/ports/gateway.ts';
import { checkMessage } from '../../../src/sandbox/slack/web-api/chat.ts';
import { revocationText } from '../../../src/slack/messages/accounts/revoke-message.ts';
import { notice } from '../../../src/slack/messages/blocks.ts';
import { notificationMessage } from '../../../src/slack/messages/notification-messages.ts';
import { plainAccount } from './plain-account.ts';

const SETUP = {
  publicUrl: 'https://keysmith.acme.test',
  organizationName: 'acme',
  runAccess: 'available' as const,
  teamPage: undefined,
};

const run = (runId: string) => ({ entity: 'ml-platform', project: 'vision', runId });

function outcome(runs: InterruptedRuns | undefined): string {
  const result = {
    kind: 'revoked',
    account: plainAccount(),
    notice: { id: 'job_1', leaseToken: 'l' },
  } as const;
  const text = revocationText({ ...result, runs, link: undefined }, false);
  expect(checkMessage({ ...notice(text) })).toMatchObject({ ok: true });
  return text;
}

describe('The outcome of a revocation', () => {
  test('doesn’t mention runs where none was writing', () => {
    expect(outcome(undefined)).toBe(
      ':no_entry: Revoked `nightly-eval` in `ml-platform`. Its keys no longer work.',
    );
  });

  test('names the run that was still writing, when it stops, and how to send the rest', () => {
    const text = outcome({ shown: [run('r1')], total: 1 });
    expect(text).toContain(
      'Its keys no longer work.\nRun `r1` in `ml-platform/vision` wrote in the last 10 minutes',
    );
    expect(text).toContain('interrupts it within a minute');
    expect(text).toContain('`wandb sync --no-skip-online DIR`');
    expect(text).toContain('`wandb sync DIR`');
  });

  test('lists the first of several runs, and counts the others', () => {
    const text = outcome({ shown: [run('r1'), run('r2')], total: 7 });
    expect(text).toContain('\n7 runs wrote in the last 10 minutes');
    expect(text).toContain(
      '\n• `r1` in `ml-platform/vision`\n• `r2` in `ml-platform/vision`\n• and 5 more\n',
    );
    expect(outcome({ shown: [run('r1'), run('r2')], total: 2 })).not.toContain('more\n');
  });

  test('fits into a message, without markup, whatever the workload called its runs', () => {
    const hostile = '`<!channel> *b* <@U0ADA00001>\n'.repeat(20);
    const shown = Array.from({ length: 5 }, () => ({ entity: hostile, project: hostile, runId: hostile }));
    const text = outcome({ shown, total: 1_000 });
    expect(text).not.toMatch(/<!channel>|<@|`{2}/);
    expect(text.split('\n')).toHaveLength(9);
  });
});

test('The direct message to the contact of a revoked account names who revoked it, and the runs', () => {
  const account = plainAccount({ state: 'revoked', revokedAtMs: 1 });
  const message = notificationMessage(
    {
      message: 'runs_interrupted',
      accountId: account.id,
      account,
      runs: { shown: [run('r1')], total: 1 },
      revokedBy: 'U0CY000001',
      requestId: 'ks_1',
      link: undefined,
    },
    SETUP,
  );
  expect(checkMessage({ ...message })).toMatchObject({ ok: true });
  const text = JSON.stringify(message.blocks);
  expect(text).toContain('<@U0CY000001> revoked `nightly-eval` in `ml-platform`, and you’re its contact.');
  expect(text).toContain('Run `r1` in `ml-platform/vision` wrote in the last 10 minutes');
});

test('The direct message that an account was revoked names the runs too', () => {
  const account = plainAccount({ state: 'revoked', revokedAtMs: 1 });
  const about = { account, requestId: null, link: undefined };
  const revoked = { message: 'account_revoked', accountId: account.id, ...about } as const;
  const runs = { shown: [run('r1')], total: 1 };

  expect(notificationMessage({ ...revoked, runs }, SETUP).text).toContain('Run `r1` in');
  expect(notificationMessage(revoked, SETUP).text).toContain('no longer work. Run `/wandb');
});
