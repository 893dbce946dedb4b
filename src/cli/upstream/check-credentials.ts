import { teamKeyAuthorization } from '../../application/gateway/team-keys.ts';
import { recoveryEvent } from '../../application/gateway/upstream-rejections.ts';
import {
  checkUpstreamCredential,
  type UpstreamCheck,
} from '../../backends/wandb/upstream/check-upstream-credential.ts';
import { exitCode } from '../../bootstrap/exit-code.ts';
import { type Finding, findingText, plainText } from '../doctor/finding.ts';
import { findTeam } from './find-team.ts';
import { type OpenedFederation, openFederation } from './open-federation.ts';
import type { OpenedUpstream, UpstreamDependencies } from './open-upstream.ts';
import { listText, unknownText } from './upstream-texts.ts';

/** What is known about the credential of one team. */
export type TeamCredentialCheck = { teamName: string } & (
  | { kind: 'team_key' | 'access_token'; check: UpstreamCheck }
  /** The stored key can't be unsealed. */
  | { kind: 'unreadable' }
  /** W&B issued no access token. `cause`: what it responded, for the operator. */
  | { kind: 'not_issued'; reason: 'none' | 'rejected' | 'unavailable'; cause: string | undefined }
  /** There is a credential, about which the W&B server wasn't asked. */
  | { kind: 'not_asked' }
  | { kind: 'none' }
  /** Identity federation can't be used yet. `text` says why and what to do. */
  | { kind: 'not_ready'; text: string }
);

/** Teams that are asked about at the same time. */
const CONCURRENCY = 5;

/**
 * Asks the W&B server about the credential of each of these active teams. Changes nothing.
 *
 * @param mayAsk called before each team that has a credential: whether to ask about it
 * @throws StoreUnavailableError
 */
export async function checkTeamCredentials(
  { store, teamKeys, ask }: Pick<OpenedUpstream, 'store' | 'teamKeys' | 'ask'>,
  teamNames: readonly string[],
  federation: OpenedFederation,
  mayAsk: () => boolean = () => true,
): Promise<TeamCredentialCheck[]> {
  const stored = new Map((await store.upstreamState()).teamKeys.map((key) => [key.teamName, key]));
  const checkTeam = async (teamName: string): Promise<TeamCredentialCheck> => {
    const teamKey = stored.get(teamName);
    if (teamKey !== undefined) {
      const opened = await teamKeys.open(teamKey);
      if (!opened.ok) return { teamName, kind: opened.reason === 'removed' ? 'none' : 'unreadable' };
      if (!mayAsk()) return { teamName, kind: 'not_asked' };
      const authorization = teamKeyAuthorization(opened.key);
      return {
        teamName,
        kind: 'team_key',
        check: await checkUpstreamCredential({ authorization, teamName }, ask),
      };
    }
    if (federation.kind !== 'ready') return { teamName, ...federation };
    if (!mayAsk()) return { teamName, kind: 'not_asked' };
    const issued = await federation.federated.of(teamName);
    if (!issued.ok) {
      const cause = federation.causeOf(teamName);
      return { teamName, kind: 'not_issued', reason: issued.reason, cause };
    }
    const { authorization } = issued.credential;
    return {
      teamName,
      kind: 'access_token',
      check: await checkUpstreamCredential({ authorization, teamName }, ask),
    };
  };
  const waiting = [...teamNames];
  const checks: TeamCredentialCheck[] = [];
  const work = async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift())
      checks.push(await checkTeam(name));
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, work));
  return checks.sort((one, other) => (one.teamName < other.teamName ? -1 : 1));
}

/** Returns what a check means, and the command that fixes it. A team without a credential is a warning. */
export function teamCredentialFinding(checked: TeamCredentialCheck): Finding {
  const { teamName } = checked;
  const subject = `Upstream, ${teamName}`;
  const problem = (text: string, remedy: string): Finding => ({ mark: 'problem', subject, text, remedy });
  const addKey = `Run "npm run keysmith -- upstream add" for this team.`;
  const setUp = 'Run "npm run keysmith -- upstream setup", and compare what it prints with W&B.';
  switch (checked.kind) {
    case 'none':
      return { mark: 'warning', subject, text: 'no credential, so its runs can’t be logged', remedy: addKey };
    case 'not_ready':
      return { mark: 'warning', subject, text: 'identity federation isn’t ready', remedy: checked.text };
    case 'unreadable':
      return problem(
        'the stored key was sealed with another KEYSMITH_SECRET, or its row was modified',
        addKey,
      );
    case 'not_asked':
      return {
        mark: 'warning',
        subject,
        text: 'not checked',
        remedy: 'Run "npm run keysmith -- upstream check".',
      };
    case 'not_issued': {
      const cause = checked.cause === undefined ? '' : `: ${plainText(checked.cause)}`;
      return checked.reason === 'unavailable'
        ? problem(
            `the W&B server couldn’t be asked for an access token${cause}`,
            'Check KEYSMITH_UPSTREAM_URL and the network.',
          )
        : problem(`the W&B server refuses Keysmith’s identity token${cause}`, setUp);
    }
    default:
      return checkFinding(checked.check, { subject, addKey: checked.kind === 'team_key' ? addKey : setUp });
  }
}

function checkFinding(
  check: UpstreamCheck,
  { subject, addKey }: { subject: string; addKey: string },
): Finding {
  const problem = (text: string, remedy: string): Finding => ({ mark: 'problem', subject, text, remedy });
  switch (check.outcome) {
    case 'accepted': {
      const owner = plainText(check.owner);
      if (!check.isWider) return { mark: 'ok', subject, text: `W&B accepts the credential of ${owner}` };
      const reach = [
        ...(check.isAdmin ? ['an administrator'] : []),
        ...(check.otherTeams.length > 0 ? [`also in ${listText(check.otherTeams)}`] : []),
      ];
      const text = `the credential reaches more than this team: its owner ${owner} is ${reach.join(' and ')}`;
      const remedy = 'Store the key of a service account that is in this team only.';
      return { mark: 'warning', subject, text, remedy };
    }
    case 'other_team':
      return problem(`the owner of the credential, ${plainText(check.owner)}, isn’t in this team`, addKey);
    case 'rejected':
      return problem('the W&B server doesn’t accept the credential (401)', addKey);
    case 'unknown':
      return { mark: 'problem', subject, text: unknownText(check.failure, 'upstream check') };
  }
}

/** Prints a line for each team, or for one. Returns the exit code: 1 if a credential doesn't work, or the one team has none. */
export async function checkCredentials(
  upstream: OpenedUpstream,
  team: string | undefined,
  { print, printError }: Pick<UpstreamDependencies, 'print' | 'printError'>,
): Promise<number> {
  const known = await upstream.store.teamNames();
  const found = team === undefined ? undefined : findTeam(team, known, upstream);
  if (found?.ok === false) {
    printError(found.text);
    return exitCode.failure;
  }
  const checks = await checkTeamCredentials(
    upstream,
    found === undefined ? known : [found.teamName],
    await openFederation(upstream),
  );
  for (const check of checks) print(findingText(teamCredentialFinding(check)));
  await recordRecoveries(upstream, checks);
  const isMissing = team !== undefined && checks.some(({ kind }) => kind === 'none' || kind === 'not_ready');
  const failed = checks.some((check) => teamCredentialFinding(check).mark === 'problem');
  return failed || isMissing ? exitCode.failure : exitCode.success;
}

/** Otherwise only the next request of a workload would show that a rejected credential works again. */
async function recordRecoveries(
  { store, ask }: OpenedUpstream,
  checks: readonly TeamCredentialCheck[],
): Promise<void> {
  const { rejections } = await store.upstreamState();
  for (const { teamName, kind } of rejections) {
    const isAccepted = checks.some(
      (one) => one.teamName === teamName && one.kind === kind && one.check.outcome === 'accepted',
    );
    if (!isAccepted) continue;
    const event = recoveryEvent({ teamName, kind }, ask.now(), 'command-line');
    await store.recordUpstreamRecovery({ teamName, kind }, event);
  }
}
