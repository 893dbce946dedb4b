import type {
  UpstreamCredential,
  UpstreamCredentials,
} from '../../src/application/gateway/upstream-credential.ts';
import { Secret } from '../../src/domain/keys/secret.ts';
import type { LocalWandbOptions } from '../../src/sandbox/wandb/local-wandb.ts';
import { type DrivenWandb, startDrivenWandb } from '../driver/driven-wandb.ts';
import { basic } from './credential-world.ts';
import { createAccount, keyIn } from './new-account-form.ts';
import { type RunningWorkspace, startWorkspace, type WorkspaceOptions } from './running-workspace.ts';

/** The team of {@link GatewayWorld.key}. */
export const TEAM = 'ml-platform';

export interface GatewayWorldOptions extends WorkspaceOptions {
  upstream?: LocalWandbOptions;
  /** The W&B server, if it isn't the local W&B. */
  upstreamUrl?: string;
  /** `federation`: with Keysmith's own access tokens instead of the test's credentials. */
  auth?: 'key' | 'federation';
  /** As in KEYSMITH_UPSTREAM_MUTATIONS. */
  mutations?: string[];
}

/** A Keysmith whose gateway forwards to a local W&B that keeps runs, and one service account of {@link TEAM}. */
export interface GatewayWorld {
  /** The WANDB_BASE_URL of workloads: Keysmith's. */
  baseUrl: string;
  upstream: DrivenWandb;
  workspace: RunningWorkspace;
  /** The API key of the account `nightly-eval`. */
  key: string;
  /** The same key as an SDK sends it. */
  authorization: string;
  credentials: TestUpstreamCredentials;
  stop(): Promise<void>;
}

export interface TestUpstreamCredentials extends UpstreamCredentials {
  /** By team. Removing an entry takes the team's credential away. */
  byTeam: Map<string, UpstreamCredential>;
  /** Every credential that W&B rejected. */
  rejected: UpstreamCredential[];
  /** Replaces the credential of a team at the next rejection. */
  next: UpstreamCredential | undefined;
}

export async function startGatewayWorld(options: GatewayWorldOptions = {}): Promise<GatewayWorld> {
  const { upstream: wandbOptions, upstreamUrl, auth = 'key', mutations = [], ...workspaceOptions } = options;
  const upstream = await startDrivenWandb(wandbOptions);
  const credentials = createTestCredentials();
  for (const team of [TEAM, 'research']) {
    const { apiKey } = upstream.team(team).createServiceAccount('keysmith-gateway');
    credentials.byTeam.set(team, teamKey(team, apiKey));
  }
  const workspace = await startWorkspace({
    ...workspaceOptions,
    keysmith: {
      // The URL that Keysmith listens on, so that rewritten URLs lead to it.
      publicUrl: undefined,
      gateway: {
        upstreamUrl: upstreamUrl ?? upstream.baseUrl,
        auth,
        appUrl: 'https://wandb.acme.test',
        mutations,
      },
      upstreamCredentials: auth === 'key' ? credentials : undefined,
      ...workspaceOptions.keysmith,
    },
  });
  const ada = workspace.slack.as('Ada');
  const key = keyIn(await createAccount(ada, 'random', 'nightly-eval')) ?? '';
  return {
    baseUrl: workspace.keysmith.url,
    upstream,
    workspace,
    key,
    authorization: basic('api', key),
    credentials,
    async stop() {
      await workspace.stop();
      await upstream.stop();
    },
  };
}

export function teamKey(teamName: string, apiKey: string, isWider = false): UpstreamCredential {
  return { teamName, kind: 'team_key', authorization: new Secret(basic('api', apiKey)), isWider };
}

export function createTestCredentials(): TestUpstreamCredentials {
  const byTeam = new Map<string, UpstreamCredential>();
  const credentials: TestUpstreamCredentials = {
    byTeam,
    rejected: [],
    next: undefined,
    async of(teamName) {
      const credential = byTeam.get(teamName);
      return credential ? { ok: true, credential } : { ok: false, reason: 'none' };
    },
    async renew(rejected) {
      credentials.rejected.push(rejected);
      const { next } = credentials;
      if (next === undefined) return { ok: false, reason: 'rejected', retryAfterSeconds: 30 };
      byTeam.set(rejected.teamName, next);
      return { ok: true, credential: next };
    },
    accepted: () => {},
  };
  return credentials;
}
