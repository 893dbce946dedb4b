import type { AuthorityConfig } from './configuration.ts';
import type { SettingReader } from './setting-reader.ts';
import {
  accessTokenMinutes,
  allowInsecureIssuers,
  audiences,
  failuresPerMinute,
  introspectionClients,
  onOrOff,
} from './setting-schemas.ts';
import type { SettingName } from './settings.ts';

const authoritySettings = [
  'KEYSMITH_AUTHORITY',
  'KEYSMITH_INTROSPECTION_CLIENTS',
  'KEYSMITH_ALLOW_INSECURE_ISSUERS',
  'KEYSMITH_AUDIENCES',
  'KEYSMITH_ACCESS_TOKEN_MINUTES',
  'KEYSMITH_FAILURES_PER_MINUTE',
] as const satisfies readonly SettingName[];

/** Whether and how Keysmith answers for the credentials that it handed out; undefined where it does not. */
export function readAuthorityConfig(reader: SettingReader): AuthorityConfig | undefined {
  const isOn = (reader.optional('KEYSMITH_AUTHORITY', onOrOff) ?? 'on') === 'on';
  const config: AuthorityConfig = {
    introspectionClients: reader.optional('KEYSMITH_INTROSPECTION_CLIENTS', introspectionClients) ?? [],
    allowsInsecureIssuers: reader.optional('KEYSMITH_ALLOW_INSECURE_ISSUERS', allowInsecureIssuers) ?? false,
    audiences: reader.optional('KEYSMITH_AUDIENCES', audiences) ?? [],
    accessTokenSeconds: 60 * (reader.optional('KEYSMITH_ACCESS_TOKEN_MINUTES', accessTokenMinutes) ?? 60),
    failuresPerMinute: reader.optional('KEYSMITH_FAILURES_PER_MINUTE', failuresPerMinute) ?? 1_000,
  };
  return isOn ? config : undefined;
}

/** With a W&B server that one is the authority: what is set for Keysmith's own would have no effect. */
export function refuseAuthoritySettings(reader: SettingReader): void {
  for (const name of authoritySettings) {
    if (reader.isSet(name)) {
      reader.problem(name, 'Unset it: with a W&B server, that server checks its credentials itself.');
    }
  }
}
