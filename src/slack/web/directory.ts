import type { WebClient } from '@slack/web-api';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../../application/ports/clock.ts';
import { type Directory, DirectoryUnavailableError } from '../../application/ports/slack.ts';
import type { SlackProfile, SlackWorkspace } from '../../domain/organization/person.ts';
import { rateLimitSeconds, slackFailure } from './slack-failure.ts';
import { slackErrorCode } from './token-rejection.ts';

const USER_ID_VALID_FOR_MS = 10 * 60_000;
/** Keeps a big workspace from filling the memory. */
const MAX_ENTRIES = 5_000;
/** Unlike `max`, doesn't reserve the memory for all entries at the start. */
const BOUNDED = { maxSize: MAX_ENTRIES, sizeCalculation: () => 1 };

/** Creates the directory of Slack users, from `users.info` and `users.lookupByEmail`. */
export function createDirectory(dependencies: {
  web: WebClient;
  workspace: SlackWorkspace;
  monotonicMs: Clock['monotonicMs'];
}): Directory {
  const { web, workspace, monotonicMs } = dependencies;
  const profiles = new LRUCache<string, { profile: SlackProfile; readAtMs: number }>(BOUNDED);
  const userIds = new LRUCache<string, { slackUserId: string | undefined }>({
    ...BOUNDED,
    ttl: USER_ID_VALID_FOR_MS,
    ttlResolution: 0,
    perf: { now: monotonicMs },
  });
  return {
    workspace,
    async profile(slackUserId, options) {
      const { maxAgeMs } = options ?? { maxAgeMs: 0 };
      // An effect asks for an age of 0 and never looks into the cache.
      const known = maxAgeMs > 0 ? profiles.get(slackUserId) : undefined;
      if (known !== undefined && monotonicMs() - known.readAtMs < maxAgeMs) return known.profile;
      // Taken before the request, because its response doesn't have what Slack changes in the meantime.
      const readAtMs = monotonicMs();
      const profile = await readProfile(web, slackUserId);
      if (profile) profiles.set(slackUserId, { profile, readAtMs });
      else profiles.delete(slackUserId);
      return profile;
    },
    async findByEmail(email) {
      const known = userIds.get(email);
      if (known) return known.slackUserId;
      try {
        const { user } = await web.users.lookupByEmail({ email });
        userIds.set(email, { slackUserId: user?.id });
        return user?.id;
      } catch (error) {
        if (slackErrorCode(error) !== 'users_not_found') {
          throw new DirectoryUnavailableError('Slack returned no user (users.lookupByEmail).', {
            cause: error,
            failure: slackFailure(error),
          });
        }
        // An unknown address is remembered too.
        userIds.set(email, { slackUserId: undefined });
        return undefined;
      }
    },
  };
}

async function readProfile(web: WebClient, slackUserId: string): Promise<SlackProfile | undefined> {
  try {
    const { user } = await afterShortLimit(() => web.users.info({ user: slackUserId }));
    if (user === undefined) return undefined;
    return {
      slackUserId,
      workspaceId: user.team_id,
      enterpriseId: user.enterprise_user?.enterprise_id,
      email: user.profile?.email,
      isEmailConfirmed: user.is_email_confirmed,
      isBot: user.is_bot === true || slackUserId === 'USLACKBOT',
      isDeactivated: user.deleted === true,
      isGuest: user.is_restricted === true || user.is_ultra_restricted === true,
      isStranger: user.is_stranger === true,
    };
  } catch (error) {
    const code = slackErrorCode(error);
    if (code === 'user_not_found' || code === 'user_not_visible') return undefined;
    throw new DirectoryUnavailableError('Slack returned no profile (users.info).', {
      cause: error,
      failure: slackFailure(error),
    });
  }
}

/** Together with two calls, within the time that a form or a command has. */
const LONGEST_WAIT_SECONDS = 2;

/** Calls again once if Slack asks for a short pause. After a longer one, the person decides. */
async function afterShortLimit<Value>(call: () => Promise<Value>): Promise<Value> {
  try {
    return await call();
  } catch (error) {
    const seconds = rateLimitSeconds(error);
    if (seconds === undefined || seconds > LONGEST_WAIT_SECONDS) throw error;
    await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
    return call();
  }
}
