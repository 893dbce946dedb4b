import { z } from 'zod';
import { entriesOf, optionalText } from '../entries.ts';
import type { HasField } from '../missing-fields.ts';
import type { CallOptions, WandbClient } from '../wandb-client.ts';
import type { WandbOperation, WandbResult } from '../wandb-failure.ts';

export interface WandbServerInfo {
  /** Undefined on W&B's own cloud and on servers that don't report it. */
  version: string | undefined;
  latestVersion: string | undefined;
  isOutOfDate: boolean | undefined;
  /** Names of the enabled features; undefined on servers that don't list them. */
  features: string[] | undefined;
  /** Whether the key of a new account can be read, as far as the version and the schema show. */
  returnsNewKeys: boolean;
}

const localVersion = z
  .object({
    outOfDate: z.boolean().nullish(),
    latestVersionString: optionalText,
    versionOnThisInstanceString: optionalText,
  })
  .nullish()
  .catch(undefined);

const serverInfo = z
  .object({
    latestLocalVersionInfo: localVersion,
    features: entriesOf(z.object({ name: z.string(), isEnabled: z.boolean() })).nullish(),
  })
  .nullish();

/** The field that held the secret of a service account, in a selection that no server executes: this names no team. */
const KEY_FIELD = 'entity(name: "no team has this name") @include(if: $never) { members { apiKey } }';

function readServerInfoOperation(
  has: HasField,
): WandbOperation<{ serverInfo?: z.output<typeof serverInfo> }> {
  const version = has('ServerInfo.latestLocalVersionInfo')
    ? 'latestLocalVersionInfo { outOfDate latestVersionString versionOnThisInstanceString }'
    : '';
  const features = has('ServerInfo.features') ? 'features { name isEnabled }' : '';
  return {
    kind: 'query',
    name: 'ReadServerInfo',
    query: `query ReadServerInfo($never: Boolean!) {
  ${has('Query.serverInfo') ? `serverInfo { cliVersionInfo ${version} ${features} }` : ''}
  ${has('Member.apiKey') ? KEY_FIELD : 'viewer @include(if: $never) { id }'}
}`,
    data: z.object({ serverInfo }),
    optionalPaths: ['serverInfo'],
    entryPaths: ['serverInfo.features.*'],
    skippedIn: ({ serverInfo }) => serverInfo?.features?.unusable.length ?? 0,
  };
}

/**
 * Reads the server's version and features; each is undefined when the server doesn't report it. The same query shows whether the
 * schema still has the keys of members, without reading any.
 */
export async function readServerInfo(
  client: WandbClient,
  options?: CallOptions,
): Promise<WandbResult<WandbServerInfo>> {
  const result = await client.call(readServerInfoOperation, { never: false }, options);
  if (!result.ok) return result;
  const info = informationIn(result.value.serverInfo);
  // Since 0.77, a key's secret is shown once, on the page where a person creates the key.
  const returnsNewKeys = client.has('Member.apiKey') && !isAtLeast(info.version, 77);
  return { ok: true, value: { ...info, returnsNewKeys } };
}

function informationIn(read: z.output<typeof serverInfo>): Omit<WandbServerInfo, 'returnsNewKeys'> {
  const { latestLocalVersionInfo: local, features } = read ?? {};
  return {
    version: local?.versionOnThisInstanceString,
    latestVersion: local?.latestVersionString,
    isOutOfDate: local?.outOfDate ?? undefined,
    features: features?.entries.filter(({ isEnabled }) => isEnabled).map(({ name }) => name),
  };
}

/** Returns whether a version such as `0.81.2` is at least 0.`minor`. False without a version. */
export function isAtLeast(version: string | undefined, minor: number): boolean {
  const [, major, ownMinor] = /^v?(\d+)\.(\d+)/.exec(version ?? '') ?? [];
  return Number(major) > 0 || Number(ownMinor) >= minor;
}
