import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parseTeamsFile } from '../../../src/config/teams-file/read-teams-file.ts';
import { type TeamsFileOptions, teamsFileProblemText } from '../../../src/config/teams-file/teams-file.ts';
import { TEST_CA } from '../../world/issuer-server.ts';

const URL = 'https://gitlab.acme.test';

function issuersOf(yaml: string, options: TeamsFileOptions = {}) {
  const result = parseTeamsFile(`teams: []\nissuers:\n${yaml}`, 'teams.yml', options);
  if (!result.ok) throw new Error(result.problems.map(teamsFileProblemText).join('\n'));
  return result.teamsFile.issuers;
}

function problemsOf(yaml: string, options: TeamsFileOptions = {}): string[] {
  const result = parseTeamsFile(`teams: []\nissuers:\n${yaml}`, 'teams.yml', options);
  return result.ok ? [] : result.problems.map(teamsFileProblemText);
}

const indented = (text: string, by: number) => text.trimEnd().replaceAll(/(?<=^|\n)/g, ' '.repeat(by));
/** YAML in the flow style, which JSON is. */
const flow = (value: unknown) => JSON.stringify(value);

const ec = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve });
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const jwkOf = (key: { publicKey: import('node:crypto').KeyObject }) =>
  key.publicKey.export({ format: 'jwk' });
const p256 = ec('P-256');
const key256 = jwkOf(p256);
const rsaKey = jwkOf(rsa);

describe('An issuer in the teams file', () => {
  it('has only the options that the file sets', () => {
    expect(
      issuersOf(
        `  - url: https://plain.test\n  - { url: "${URL}", single_use: true, private_network: true, max_lifetime_hours: 48 }\n  - { url: https://no.test, single_use: false, private_network: false, max_lifetime_hours: 1 }\n`,
      ),
    ).toStrictEqual([
      { url: 'https://plain.test' },
      { url: URL, isSingleUse: true, isPrivateNetwork: true, maxLifetimeSeconds: 48 * 3600 },
      { url: 'https://no.test', isSingleUse: false, isPrivateNetwork: false, maxLifetimeSeconds: 3600 },
    ]);
  });

  it('has its certificates without the text between them', () => {
    const bundle = `# Acme root\n${TEST_CA}subject=CN=Acme\n${TEST_CA.replaceAll('\n', '\r\n')}`;
    const [issuer] = issuersOf(`  - url: ${URL}\n    ca: |\n${indented(bundle, 6)}\n`);
    expect(issuer?.ca).toBe(TEST_CA.trimEnd().concat('\n').repeat(2));
  });

  it.each([
    ['from YAML', flow],
    ['from JSON text', (value: unknown) => flow(flow(value))],
  ])('has its public keys of every kind %s, reduced to the members that verifying needs', (_, written) => {
    const named = { ...rsaKey, kid: 'rsa', use: 'sig', alg: 'RS256' };
    const others = ['P-384', 'P-521'].map((curve) => jwkOf(ec(curve)));
    const ed = jwkOf(generateKeyPairSync('ed25519'));
    const keys = [named, { ...key256, key_ops: ['verify'] }, ...others, ed];
    const published = keys.map((key) => ({ ...key, x5c: ['MII…'], 'x5t#S256': 'x', issued: 2026 }));
    expect(issuersOf(`  - { url: "${URL}", jwks: ${written({ keys: published })} }\n`)).toStrictEqual([
      { url: URL, jwks: { keys } },
    ]);
  });

  it('has a URL of its keys instead of the keys', () => {
    const keysUrl = 'https://keys.acme.test/discovery/keys?p=policy_1';
    expect(issuersOf(`  - { url: "${URL}", jwks_url: "${keysUrl}" }\n`)).toStrictEqual([
      { url: URL, jwksUrl: keysUrl },
    ]);
    expect(
      problemsOf(`  - { url: "${URL}", jwks_url: "${keysUrl}", jwks: ${flow({ keys: [key256] })} }\n`),
    ).toEqual([
      expect.stringContaining(
        'issuers[0].jwks_url: Set either jwks or jwks_url, not both: keys in the file are never',
      ),
    ]);
    for (const url of [
      'http://keys.test/',
      'keys.test',
      'https://u:p@keys.test/',
      'https://keys.test/#a',
      '',
    ]) {
      const problems = problemsOf(`  - { url: "${URL}", jwks_url: "${url}" }\n`);
      expect(problems, url).toEqual([expect.stringContaining('issuers[0].jwks_url: A key set URL')]);
      expect(problems[0]).not.toContain('u:p@');
    }
    const local = `  - { url: "${URL}", jwks_url: "http://127.0.0.1:8080/keys" }\n`;
    expect(issuersOf(local, { allowInsecureIssuers: true })).toHaveLength(1);
  });

  it('has a URL of at most 512 characters', () => {
    const longest = `${URL}/${'x'.repeat(512 - URL.length - 1)}`;
    expect(issuersOf(`  - url: ${longest}\n`)).toEqual([{ url: longest }]);
    expect(problemsOf(`  - url: ${longest}x\n`)).toEqual([
      expect.stringContaining('has at most 512 ASCII characters'),
    ]);
  });

  it('has an http URL only if the setting for development allows it', () => {
    const local = '  - url: http://127.0.0.1:8080/Realm\n';
    expect(problemsOf(local)).toEqual([
      'teams.yml:3:10: issuers[0].url: An issuer URL must start with https://.',
    ]);
    expect(issuersOf(local, { allowInsecureIssuers: true })).toEqual([
      { url: 'http://127.0.0.1:8080/Realm' },
    ]);
    for (const url of [
      'http:a.test',
      'httpss://a.test',
      'ftp://a.test',
      'http://u:p@a.test',
      'http://a.test?x',
    ]) {
      expect(problemsOf(`  - url: ${url}\n`, { allowInsecureIssuers: true })).toHaveLength(1);
    }
  });
});

describe('An invalid issuer in the teams file', () => {
  it('has all its problems reported at once, with line and column, without a value of the file', () => {
    const problems = problemsOf(`  - url: ${URL}
    single_use: sometimes
    private_network: 1
    ca: nothing-of-the-kind
    jwks: not-json-either
    max_lifetime_hours: 0.5
    jwks_uri: https://elsewhere.test
  - url: ${URL}
`);
    expect(problems).toEqual([
      'teams.yml:4:17: issuers[0].single_use: Expected true or false, found text.',
      'teams.yml:5:22: issuers[0].private_network: Expected true or false, found a number.',
      expect.stringMatching(/^teams.yml:6:9: issuers\[0\].ca: Expected certificates in PEM/),
      expect.stringMatching(
        /^teams.yml:7:11: issuers\[0\].jwks: Expected a map with keys, or the same as JSON/,
      ),
      'teams.yml:8:25: issuers[0].max_lifetime_hours: Expected a whole number of hours from 1 to 8760.',
      expect.stringMatching(/^teams.yml:9:5: issuers\[0\]: Unknown key "jwks_uri": did you mean "jwks_url"/),
      expect.stringMatching(/^teams.yml:10:10: issuers\[1\].url: Duplicate issuer \(first on line 3\)/),
    ]);
    expect(problems.join('')).not.toMatch(/sometimes|nothing-of|not-json|elsewhere/);
  });

  it.each(['0', '8761', '-1', '1.5', '.inf', '"24"', 'true', ''])(
    'is refused for a maximum lifetime of “%s” hours',
    (hours) => {
      expect(problemsOf(`  - { url: "${URL}", max_lifetime_hours: ${hours} }\n`)).toEqual([
        expect.stringContaining('issuers[0].max_lifetime_hours: Expected a whole number of hours'),
      ]);
    },
  );

  it.each([
    [
      'a private key beside the certificate',
      TEST_CA + p256.privateKey.export({ type: 'pkcs8', format: 'pem' }),
      /private key/,
    ],
    [
      'another PEM text',
      `${p256.publicKey.export({ type: 'spki', format: 'pem' })}`,
      /Expected certificates/,
    ],
    ['the first half of a certificate', TEST_CA.slice(0, 200), /Expected certificates/],
    [
      'a truncated certificate',
      `${TEST_CA}${TEST_CA.replace(/[A-Za-z0-9+/=]{64}\n/, '')}`,
      /Certificate 2 can’t be read/,
    ],
  ])('is refused for %s as its certificates', (_, ca, message) => {
    const problems = problemsOf(`  - { url: "${URL}", ca: ${flow(ca)} }\n`);
    expect(problems).toEqual([expect.stringMatching(message)]);
    expect(problems[0]).toContain('teams.yml:3:44: issuers[0].ca: ');
    expect(problems[0]).not.toContain(ca.slice(40, 60));
  });

  it.each([
    ['an empty list of keys', '{ "keys": [] }', /At least one key/],
    ['51 keys', flow({ keys: Array.from({ length: 51 }, () => key256) }), /At most 50 keys/],
    ['a list', '[]', /Expected a map with keys, found a list/],
    ['a single key', flow(key256), /"keys" is missing/],
    ['nothing at all', '', /Expected a map with keys, found nothing/],
    ['a number as JSON text', "'17'", /Expected a map with keys, found a number/],
    ['deeply nested JSON', `'${'['.repeat(60_000)}${']'.repeat(60_000)}'`, /Expected a map/],
    ['an alias', '*keys', /alias/i],
  ])('is refused for %s as its key set', (_, jwks, message) => {
    expect(problemsOf(`  - { url: "${URL}", jwks: ${jwks} }\n`)[0]).toMatch(message);
  });
});
