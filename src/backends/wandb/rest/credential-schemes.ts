import { Secret } from '../../../domain/keys/secret.ts';

/**
 * Schemes for sending a W&B API key, in the order in which they are tried: Basic without a user name is for organization service
 * accounts, Bearer for newer servers, and Basic with a user name for people.
 */
export const credentialSchemes = ['service_account', 'bearer', 'person'] as const;

export type CredentialScheme = (typeof credentialSchemes)[number];

/** Returns the value of `Authorization`; undefined if the scheme needs a user name that isn't known. */
export async function authorizationOf(
  scheme: CredentialScheme,
  { apiKey, username }: { apiKey: Secret; username: () => Promise<string | undefined> },
): Promise<Secret | undefined> {
  switch (scheme) {
    case 'service_account':
      return basic('', apiKey);
    case 'bearer':
      return new Secret(`Bearer ${apiKey.reveal()}`);
    case 'person': {
      const name = await username();
      return name === undefined ? undefined : basic(name, apiKey);
    }
  }
}

function basic(username: string, apiKey: Secret): Secret {
  return new Secret(`Basic ${Buffer.from(`${username}:${apiKey.reveal()}`).toString('base64')}`);
}
