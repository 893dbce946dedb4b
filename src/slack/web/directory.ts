import type { WebClient } from '@slack/web-api';
import { type Directory, DirectoryUnavailableError } from '../../application/ports/slack.ts';
import type { SlackProfile, SlackWorkspace } from '../../domain/organization/person.ts';
import { slackErrorCode } from './web-client.ts';

const EMAIL_ANSWER_MAX_AGE_MS = 10 * 60_000;
const REMEMBERED = 5_000;

/** Asks Slack who is who: `users.info` and `users.lookupByEmail`. */
export function createDirectory(dependencies: {
  web: WebClient;
  workspace: SlackWorkspace;
  now: () => number;
}): Directory {
  const { web, workspace, now } = dependencies;
  const profiles = new Map<string, { profile: SlackProfile; atMs: number }>();
  const userIds = new Map<string, { slackUserId: string | undefined; atMs: number }>();
  return {
    workspace,
    async profile(slackUserId, options) {
      const known = profiles.get(slackUserId);
      if (known && options && now() - known.atMs < options.maxAgeMs) return known.profile;
      const profile = await readProfile(web, slackUserId);
      if (profile) remember(profiles, slackUserId, { profile, atMs: now() });
      return profile;
    },
    async findByEmail(email) {
      const known = userIds.get(email);
      if (known && now() - known.atMs < EMAIL_ANSWER_MAX_AGE_MS) return known.slackUserId;
      try {
        const { user } = await web.users.lookupByEmail({ email });
        remember(userIds, email, { slackUserId: user?.id, atMs: now() });
        return user?.id;
      } catch (error) {
        // Whom Slack does not know is remembered too; any other failure may be over next time.
        if (slackErrorCode(error) === 'users_not_found')
          remember(userIds, email, { slackUserId: undefined, atMs: now() });
        return undefined;
      }
    },
  };
}

async function readProfile(web: WebClient, slackUserId: string): Promise<SlackProfile | undefined> {
  try {
    const { user } = await web.users.info({ user: slackUserId });
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
    throw new DirectoryUnavailableError('Slack did not say who this is (users.info).', { cause: error });
  }
}

/** Keeps the newest answers, so that a big workspace can't fill the memory. */
function remember<Answer>(answers: Map<string, Answer>, key: string, answer: Answer): void {
  answers.delete(key);
  answers.set(key, answer);
  const [oldest] = answers.keys();
  if (answers.size > REMEMBERED && oldest !== undefined) answers.delete(oldest);
}
