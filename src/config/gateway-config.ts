import { usesWandb } from './backend-config.ts';
import type { GatewayConfig, ListenAddress } from './configuration.ts';
import { isListeningAt, isSameServer, upstreamAppUrl, upstreamUrl, wandbPageUrl } from './server-urls.ts';
import type { SettingReader } from './setting-reader.ts';
import { onOrOff, upstreamAuth, upstreamMutations } from './setting-schemas.ts';
import type { SettingName } from './settings.ts';

/** These have no effect without `KEYSMITH_UPSTREAM_URL`. */
const dependentSettings = [
  'KEYSMITH_UPSTREAM_AUTH',
  'KEYSMITH_UPSTREAM_APP_URL',
  'KEYSMITH_UPSTREAM_MUTATIONS',
] as const satisfies readonly SettingName[];

/** Where Keysmith itself can be reached. `publicUrl` is undefined if it is missing or unusable. */
interface OwnAddress {
  publicUrl: string | undefined;
  http: ListenAddress;
}

/** Reads the settings of the gateway. Returns undefined without one, or if it added a problem. */
export function readGatewayConfig(reader: SettingReader, own: OwnAddress): GatewayConfig | undefined {
  const auth = reader.optional('KEYSMITH_UPSTREAM_AUTH', upstreamAuth);
  const statedAppUrl = reader.optional('KEYSMITH_UPSTREAM_APP_URL', upstreamAppUrl);
  const mutations = reader.optional('KEYSMITH_UPSTREAM_MUTATIONS', upstreamMutations);
  if (!reader.isSet('KEYSMITH_UPSTREAM_URL')) {
    for (const name of dependentSettings) {
      if (reader.isSet(name)) reader.problem(name, withoutUpstreamText(reader));
    }
    return undefined;
  }
  const url = reader.optional('KEYSMITH_UPSTREAM_URL', upstreamUrl);
  refuseOtherDeployments(reader);
  if (url === undefined) return undefined;
  const appUrl = statedAppUrl ?? wandbPageUrl(url);
  refuseOwnAddress(reader, own, 'KEYSMITH_UPSTREAM_URL', url);
  if (statedAppUrl) refuseOwnAddress(reader, own, 'KEYSMITH_UPSTREAM_APP_URL', appUrl);
  return { upstreamUrl: url, auth: auth ?? 'key', appUrl, mutations: mutations ?? [] };
}

function withoutUpstreamText(reader: SettingReader): string {
  return usesWandb(reader)
    ? 'Unset it: with a W&B server as the backend there is no gateway.'
    : 'It needs KEYSMITH_UPSTREAM_URL. Set that too, or unset this one.';
}

/** The gateway checks the credentials that Keysmith issued. */
function refuseOtherDeployments(reader: SettingReader): void {
  if (usesWandb(reader)) {
    reader.problem(
      'KEYSMITH_UPSTREAM_URL',
      'Unset it: with KEYSMITH_BACKEND=wandb, workloads talk to that server directly. For the gateway, set KEYSMITH_BACKEND=builtin.',
    );
  } else if (reader.optional('KEYSMITH_AUTHORITY', onOrOff) === 'off') {
    reader.problem(
      'KEYSMITH_UPSTREAM_URL',
      'The gateway checks credentials itself, so it can’t be used with KEYSMITH_AUTHORITY=off. Unset one of them.',
    );
  }
}

/** Otherwise, the gateway would forward each request to itself. */
function refuseOwnAddress(
  reader: SettingReader,
  { publicUrl, http }: OwnAddress,
  name: 'KEYSMITH_UPSTREAM_URL' | 'KEYSMITH_UPSTREAM_APP_URL',
  url: string,
): void {
  if (publicUrl !== undefined && isSameServer(url, publicUrl)) {
    reader.problem(
      name,
      'This is the address of Keysmith itself, as in PUBLIC_URL. Set it to the address of the W&B server.',
    );
  } else if (isListeningAt(url, http)) {
    reader.problem(
      name,
      'This is the address of Keysmith itself, which listens on this PORT. Set it to the address of the W&B server.',
    );
  }
}
