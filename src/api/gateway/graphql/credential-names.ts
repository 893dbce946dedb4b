/** Fields of W&B's schema of September 2024 that hold a credential or lead to one, beyond those with one of the words below. */
const CREDENTIAL_FIELDS: ReadonlySet<string> = new Set([
  'authid',
  'code',
  'oauthclients',
  'oauthproviders',
  'stripecustomerid',
  'token',
  'tokens',
]);

/** Types of that schema that hold a credential: the `name` of an `ApiKey` is the key. */
const CREDENTIAL_TYPES: ReadonlySet<string> = new Set(['invite', 'oauthclient', 'oauthprovider']);

/** Marks the fields and types of newer servers too. */
const CREDENTIAL_WORDS =
  /apikey|(access|auth|bearer|refresh|session)token|secret|password|passphrase|licen[sc]e|credential|privatekey/;

/** Returns whether an answer must not show a field, whatever type it belongs to. Letter case and underscores don't matter. */
export function isCredentialField(name: string): boolean {
  const compared = comparedName(name);
  return CREDENTIAL_FIELDS.has(compared) || CREDENTIAL_WORDS.test(compared);
}

/** Returns whether objects of a type are credentials, lists or edges of them. */
export function isCredentialType(name: string): boolean {
  const compared = comparedName(name);
  return CREDENTIAL_WORDS.test(compared) || CREDENTIAL_TYPES.has(compared.replace(/(edge|connection)$/, ''));
}

function comparedName(name: string): string {
  return name.replaceAll('_', '').toLowerCase();
}
