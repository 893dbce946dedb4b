import type { Ports } from '../../../../src/application/ports/account-ports.ts';
import type { DueAccountNotification } from '../../../../src/application/ports/notifications.ts';
import type { DeliveryAttempt } from '../../../../src/application/ports/slack.ts';
import { memberProfile } from '../../../slack-profile.ts';
import type { Scheduler, SteppedProcess } from './scheduler.ts';

/** What people have seen in Slack. */
export interface ModelSlack {
  isHealthy: boolean;
  /** Secrets in the messages that arrived. */
  keys: Set<string>;
  /** The names of the federated accounts whose setup instructions arrived. */
  announced: Set<string>;
  directMessages: (DueAccountNotification & { to: string })[];
  portsOf(process: SteppedProcess): Pick<Ports, 'directory' | 'delivery' | 'notifications'>;
}

/** A Slack that rejects messages, and loses them or its answers. */
export function createModelSlack({ random, step }: Scheduler): ModelSlack {
  const failure = { reason: 'slack_unavailable' } as const;
  const slack: ModelSlack = {
    isHealthy: false,
    keys: new Set(),
    announced: new Set(),
    directMessages: [],
    portsOf: (process) => ({
      directory: {
        workspace: { workspaceId: 'T1', enterpriseId: undefined },
        profile: async (slackUserId) =>
          memberProfile(slackUserId, `${slackUserId.slice(2).toLowerCase()}@acme.test`),
        findByEmail: async () => undefined,
      },
      delivery: {
        deliverKey: ({ key }) => deliver(process, () => slack.keys.add(key.reveal())),
        deliverFederatedAccount: ({ name }) => deliver(process, () => slack.announced.add(name)),
      },
      notifications: {
        async send(to, notification) {
          if (!('account' in notification)) throw new Error(notification.message);
          await step(process);
          const isAccepted = slack.isHealthy || random() < 0.8;
          if (isAccepted) slack.directMessages.push({ ...notification, to });
          await step(process);
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
