import { REQUEST_LEASE_MS } from '../../../../src/application/jobs/notification-jobs.ts';
import type { Ports } from '../../../../src/application/ports/account-ports.ts';
import type { DueAccountNotification } from '../../../../src/application/ports/notifications.ts';
import type { DeliveryAttempt } from '../../../../src/application/ports/slack.ts';
import type { Scheduler, SteppedProcess } from './scheduler.ts';

/** What people have seen in Slack. */
export interface ModelSlack {
  isHealthy: boolean;
  /** Secrets in the messages that arrived. */
  keys: Set<string>;
  /** The names of the federated accounts whose setup instructions arrived. */
  announced: Set<string>;
  directMessages: (DueAccountNotification & { to: string })[];
  /** Direct messages whose sending outlasted the lease of their job, so that another process may have sent them too. */
  slowSends: number;
  portsOf(process: SteppedProcess): Pick<Ports, 'directory' | 'delivery' | 'notifications'>;
}

/** A Slack that rejects messages, and loses them or its answers. */
export function createModelSlack({ random, step }: Scheduler, now: () => number): ModelSlack {
  const failure = { reason: 'slack_unavailable' } as const;
  const slack: ModelSlack = {
    isHealthy: false,
    keys: new Set(),
    announced: new Set(),
    directMessages: [],
    slowSends: 0,
    portsOf: (process) => ({
      directory: {
        workspace: { workspaceId: 'T1', enterpriseId: undefined },
        profile: async (slackUserId) => ({
          slackUserId,
          workspaceId: 'T1',
          enterpriseId: undefined,
          email: `${slackUserId.slice(2).toLowerCase()}@acme.test`,
          isEmailConfirmed: true,
          isBot: false,
          isDeactivated: false,
          isGuest: false,
          isStranger: false,
        }),
        findByEmail: async () => undefined,
      },
      delivery: {
        deliverKey: ({ key }) => deliver(process, () => slack.keys.add(key.reveal())),
        deliverFederatedAccount: ({ name }) => deliver(process, () => slack.announced.add(name)),
      },
      notifications: {
        async send(to, notification) {
          if (!('account' in notification)) throw new Error(notification.message);
          const startedAtMs = now();
          await step(process);
          const isAccepted = slack.isHealthy || random() < 0.8;
          if (isAccepted) slack.directMessages.push({ ...notification, to });
          await step(process);
          if (isAccepted && now() - startedAtMs >= REQUEST_LEASE_MS) slack.slowSends += 1;
          return isAccepted;
        },
      },
    }),
  };
  async function deliver(process: SteppedProcess, arrive: () => void): Promise<DeliveryAttempt> {
    await step(process);
    const drawn = slack.isHealthy ? 1 : random();
    if (drawn >= 0.2) arrive();
    await step(process);
    if (drawn >= 0.3) return { outcome: 'accepted' };
    return { outcome: drawn < 0.1 ? 'rejected' : 'unknown', cause: 'model', failure };
  }
  return slack;
}
