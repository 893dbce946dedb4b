import type { GatewayFailure } from '../server/api-error.ts';

/** Every reason for which the gateway refuses or fails a request that names a valid path. */
export type GatewayProblem =
  | { problem: 'credential_missing' }
  | { problem: 'credential_rejected'; reference: string }
  | { problem: 'sdk_sends_no_token' }
  | { problem: 'not_accessible'; entity: string; project: string | undefined }
  | { problem: 'several_teams' | 'invalid_name' }
  | { problem: 'no_upstream_credential'; teamName: string }
  | { problem: 'upstream_credential_removed'; teamName: string }
  | { problem: 'upstream_rejected'; teamName: string; retryAfterSeconds: number }
  | { problem: 'upstream_unreachable' | 'upstream_too_slow' }
  | { problem: 'upstream_status'; status: number; retryAfter: string | undefined }
  | { problem: 'upstream_redirect' | 'upstream_unreadable' | 'upstream_answer_too_large' }
  | { problem: 'unseen_id'; teamName: string }
  | { problem: 'idle' }
  | { problem: 'busy' };

const RETRY_AFTER_SECONDS = 5;
/** An administrator replaces a credential within minutes. */
const REMOVED_RETRY_AFTER_SECONDS = 30;

/** Returns a failure whose sentence the SDKs show to the person who runs the script. */
export function gatewayFailure(problem: GatewayProblem): GatewayFailure {
  return { reason: 'gateway', ...describe(problem) };
}

function describe(problem: GatewayProblem): Omit<GatewayFailure, 'reason'> {
  switch (problem.problem) {
    case 'credential_missing':
      return {
        status: 401,
        code: 'missing_credential',
        description:
          'Keysmith received no API key and no access token. Set WANDB_API_KEY or WANDB_IDENTITY_TOKEN_FILE.',
      };
    case 'credential_rejected':
      return {
        status: 401,
        code: 'invalid_token',
        description: `Keysmith rejected this API key or access token: it's wrong, expired or revoked. Ask an admin of the team for a new one in Slack (/wandb service-account). The Keysmith log has the reason (reference ${problem.reference}).`,
      };
    case 'sdk_sends_no_token':
      return {
        status: 401,
        code: 'invalid_token',
        description:
          'Keysmith received no identity token: this version of the W&B SDK sends it for runs only, not for wandb.Api() and log_artifact(). Upgrade wandb to 0.28 or newer, or use an API key.',
      };
    case 'not_accessible': {
      const { entity, project } = problem;
      const what = project === undefined ? `the team ${entity}` : `the project ${entity}/${project}`;
      return {
        status: 403,
        code: 'insufficient_scope',
        description: `Keysmith refused the request: ${what} doesn't exist, or this service account has no access to it. Check WANDB_ENTITY and WANDB_PROJECT.`,
      };
    }
    case 'several_teams':
      return {
        status: 403,
        code: 'several_teams',
        description: 'Keysmith refused the request: it names two teams. Send one request for each team.',
      };
    case 'invalid_name':
      return {
        status: 400,
        code: 'invalid_name',
        description:
          'Keysmith refused the request: it contains a name that no team or project can have. Check WANDB_ENTITY and WANDB_PROJECT.',
      };
    case 'no_upstream_credential':
      return {
        status: 403,
        code: 'no_upstream_credential',
        description: `The team ${problem.teamName} has no W&B credential in Keysmith, so its runs can't be logged yet. Ask your Keysmith administrator to add one (npm run keysmith -- upstream add).`,
      };
    case 'upstream_credential_removed':
      return {
        status: 503,
        code: 'no_upstream_credential',
        description: `The team ${problem.teamName} has no W&B credential in Keysmith anymore. The SDK waits up to ten minutes for a new one: ask your Keysmith administrator to add it (npm run keysmith -- upstream add).`,
        retryAfterSeconds: REMOVED_RETRY_AFTER_SECONDS,
      };
    case 'upstream_rejected':
      return {
        status: 503,
        code: 'upstream_rejected',
        description: `Keysmith has no W&B credential that works for the team ${problem.teamName} at the moment. Your own credential is fine: the SDK waits and tries again.`,
        retryAfterSeconds: problem.retryAfterSeconds,
      };
    case 'upstream_unreachable':
      return {
        status: 503,
        code: 'upstream_unavailable',
        description: "Keysmith can't reach the W&B server. Try again in a moment.",
        retryAfterSeconds: RETRY_AFTER_SECONDS,
      };
    case 'upstream_too_slow':
      return {
        status: 504,
        code: 'upstream_timeout',
        description: 'The W&B server took too long to respond. Try again in a moment.',
        retryAfterSeconds: RETRY_AFTER_SECONDS,
      };
    case 'upstream_status': {
      const { status, retryAfter } = problem;
      const retryAfterSeconds = Number(retryAfter ?? Number.NaN);
      return {
        status,
        code: 'upstream_error',
        description: `The W&B server responded with HTTP status ${status}.`,
        ...(Number.isFinite(retryAfterSeconds) && { retryAfterSeconds }),
      };
    }
    case 'upstream_unreadable':
      return {
        status: 502,
        code: 'upstream_unreadable',
        description:
          "Keysmith couldn't read the W&B server's response. Ask your Keysmith administrator to look at the log.",
      };
    case 'upstream_answer_too_large':
      return {
        // No SDK retries this: the next answer would be as large.
        status: 200,
        code: 'upstream_answer_too_large',
        description:
          "The W&B server's answer is larger than 64 MiB or has more than a million values. Ask for fewer objects at once (per_page).",
      };
    case 'unseen_id':
      return {
        status: 200,
        code: 'unseen_id',
        description: `Keysmith refused the request: it names an object by its ID alone, and this service account hasn't read that object before. Name the team and project too, or read it through the team ${problem.teamName} first.`,
      };
    case 'idle':
      return {
        status: 408,
        code: 'request_timeout',
        description: 'Keysmith received nothing for three minutes and closed the connection.',
      };
    case 'busy':
      return {
        status: 503,
        code: 'temporarily_unavailable',
        description: 'Keysmith is handling too many large requests. Try again in a moment.',
        retryAfterSeconds: RETRY_AFTER_SECONDS,
      };
    case 'upstream_redirect':
      return {
        status: 502,
        code: 'upstream_redirect',
        description:
          'The W&B server redirected the request to a page that Keysmith never forwards. Ask your Keysmith administrator to check KEYSMITH_UPSTREAM_URL.',
      };
  }
}
