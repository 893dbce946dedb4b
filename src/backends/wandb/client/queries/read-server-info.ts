import { z } from 'zod';
import { entriesOf, optionalText } from '../entries.ts';
import type { CallOptions, WandbClient } from '../wandb-client.ts';
import type { WandbOperation, WandbResult } from '../wandb-failure.ts';
import type { WandbCapabilities } from './read-capabilities.ts';

export interface WandbServerInfo {
  /** Undefined on W&B's own cloud and on servers that don't report it. */
  version: string | undefined;
  latestVersion: string | undefined;
  isOutOfDate: boolean | undefined;
  /** Names of the enabled features; undefined on servers that don't list them. */
  features: string[] | undefined;
}

type ServerInfoCapabilities = Pick<WandbCapabilities, 'featuresOnServerInfo' | 'latestVersionOnServerInfo'>;

const NOTHING: WandbServerInfo = {
  version: undefined,
  latestVersion: undefined,
  isOutOfDate: undefined,
  features: undefined,
};

const serverInfo = z
  .object({
    latestLocalVersionInfo: z
      .object({
        outOfDate: z.boolean().nullish(),
        latestVersionString: optionalText,
        versionOnThisInstanceString: optionalText,
      })
      .nullish(),
    features: entriesOf(z.object({ name: z.string(), isEnabled: z.boolean() })).nullish(),
  })
  .transform(
    ({ latestLocalVersionInfo: local, features }): WandbServerInfo => ({
      version: local?.versionOnThisInstanceString ?? undefined,
      latestVersion: local?.latestVersionString ?? undefined,
      isOutOfDate: local?.outOfDate ?? undefined,
      features: features?.entries.filter(({ isEnabled }) => isEnabled).map(({ name }) => name),
    }),
  );

function readServerInfoOperation(
  capabilities: ServerInfoCapabilities,
): WandbOperation<WandbServerInfo | null> {
  const version = capabilities.latestVersionOnServerInfo
    ? 'latestLocalVersionInfo { outOfDate latestVersionString versionOnThisInstanceString }'
    : '';
  const features = capabilities.featuresOnServerInfo ? 'features { name isEnabled }' : '';
  return {
    kind: 'query',
    name: 'ReadServerInfo',
    query: `query ReadServerInfo {
  serverInfo { cliVersionInfo ${version} ${features} }
}`,
    data: z.object({ serverInfo: serverInfo.nullable() }).transform((data) => data.serverInfo),
    optionalPaths: ['serverInfo.latestLocalVersionInfo', 'serverInfo.features'],
  };
}

/** Reads the server's version and features; each is undefined when the server doesn't report it. */
export async function readServerInfo(
  client: WandbClient,
  capabilities: ServerInfoCapabilities,
  options?: CallOptions,
): Promise<WandbResult<WandbServerInfo>> {
  const result = await client.call(readServerInfoOperation(capabilities), {}, options);
  return result.ok ? { ok: true, value: result.value ?? NOTHING } : result;
}
