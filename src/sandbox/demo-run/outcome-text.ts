import type { DemoOutcome } from './demo-run.ts';
import type { WireFailure } from './wandb-wire.ts';

/** Returns how the run ended and what to do. */
export function outcomeText(outcome: DemoOutcome, at: { baseUrl: string }): string {
  switch (outcome.kind) {
    case 'finished':
      return 'The run finished.';
    case 'stopped':
      return `The run was stopped after step ${outcome.afterStep}: the server accepts no more of it. Its key was revoked or has expired, or someone stopped the run in W&B.`;
    case 'failed':
      return `The run ${outcome.isStarted ? 'failed' : 'wasn’t started'}. ${failureText(outcome.failure, at)}`;
    case 'interrupted':
      return 'The run was interrupted.';
  }
}

/** Returns what happened and what to do, in at most three sentences, the server's own words among them. */
export function failureText(failure: WireFailure, { baseUrl }: { baseUrl: string }): string {
  switch (failure.kind) {
    case 'status':
      return statusText(failure, baseUrl);
    case 'graphql':
      return /\bupsertBucket\b.*"?Mutation"?/.test(failure.message)
        ? `${baseUrl} neither stores nor forwards runs: ${sentence(failure.message)} Ask your Keysmith administrator to set KEYSMITH_UPSTREAM_URL.`
        : `The server refused the request: ${sentence(failure.message)}`;
    case 'no_response':
      return noResponseText(failure.reason, baseUrl);
    case 'unexpected':
      return `${baseUrl} sent a response that isn’t W&B’s. Set WANDB_BASE_URL to the address of Keysmith, as in the key’s message in Slack.`;
  }
}

type StatusFailure = Extract<WireFailure, { kind: 'status' }>;

function statusText({ status, path, message, retryAfterSeconds }: StatusFailure, baseUrl: string): string {
  const said = message === undefined ? '' : ` ${sentence(message)}`;
  if (status === 401) {
    return `The server refused the key (401).${said} Check that you pasted the whole key, that it isn’t revoked or expired, and that ${baseUrl} is the server that issued it.`;
  }
  if (status === 403) return `The server doesn’t allow this (403).${said}`;
  if (status === 404) {
    return path.endsWith('/graphql')
      ? `${baseUrl} has no W&B API (404).${said} Set WANDB_BASE_URL to the address of Keysmith, with its path, as in the key’s message in Slack.`
      : `The server doesn’t know the run or its project (404).${said}`;
  }
  if (status === 429) {
    return `The server is rate-limiting requests (429).${said} Try again in ${retryAfterSeconds ?? 60} seconds.`;
  }
  if (status === 502 || status === 503 || status === 504) {
    return `The server can’t log runs at the moment (${status}).${said} Try again in ${retryAfterSeconds ?? 60} seconds; if it persists, ask your Keysmith administrator to run “npm run keysmith -- upstream check”.`;
  }
  if (status >= 300 && status < 400) {
    return `${baseUrl} redirects to another address (${status}). Set WANDB_BASE_URL to that address; a key is never sent after a redirect.`;
  }
  if (/upsertBucket/.test(message ?? '') && status === 400) {
    return `${baseUrl} neither stores nor forwards runs.${said} Ask your Keysmith administrator to set KEYSMITH_UPSTREAM_URL.`;
  }
  return `The server returned ${status}.${said}`;
}

function noResponseText(reason: string, baseUrl: string): string {
  switch (reason) {
    case 'ECONNREFUSED':
      return `Nothing listens at ${baseUrl}. Start the sandbox with “npm start”, or set WANDB_BASE_URL to the address of Keysmith.`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `The host of ${baseUrl} wasn’t found. Check WANDB_BASE_URL and the network.`;
    case 'ETIMEDOUT':
    case 'UND_ERR_CONNECT_TIMEOUT':
    case 'UND_ERR_HEADERS_TIMEOUT':
      return `${baseUrl} didn’t respond in time. Check the network between this machine and the server, then try again.`;
    default:
      return /CERT|SELF_SIGNED|ISSUER|SSL|TLS/.test(reason)
        ? `The certificate of ${baseUrl} can’t be verified (${reason}). Put the CA’s certificate into NODE_EXTRA_CA_CERTS.`
        : `The connection to ${baseUrl} broke (${reason}). Try again.`;
  }
}

/** Ends a server's words like a sentence. */
function sentence(text: string): string {
  const trimmed = text.trim();
  return /[.!?]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}
