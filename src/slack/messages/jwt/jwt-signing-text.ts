import type { JwtShapeProblem, JwtSignatureProblem } from '../../../application/authority/jwt/jwt-report.ts';
import { type JwtFindingOf, type JwtLine, type LineText, valueText } from './jwt-line.ts';

export function shapeLine(problem: JwtShapeProblem | undefined): LineText {
  const part = 'Shape';
  const expected = 'a signed JWT: three parts of base64url, separated by dots';
  switch (problem) {
    case undefined:
      return { part, came: 'a signed JWT' };
    case 'had_spaces':
      return {
        part,
        came: 'a JWT with spaces or line breaks inside',
        expected,
        change: 'If they aren’t from copying it, remove them where the JWT is stored.',
      };
    case 'credential':
      return {
        part,
        came: 'an API key or another kind of token',
        expected,
        change: 'If it’s real, revoke it: it was entered where it doesn’t belong. Then check the JWT.',
      };
    case 'encrypted':
      return {
        part,
        came: 'an encrypted JWT (JWE)',
        expected,
        change: 'Have the issuer create a signed JWT that isn’t encrypted.',
      };
    case 'too_long':
      return {
        part,
        came: 'more than 48 KiB',
        expected,
        change: 'Have the issuer leave out claims, such as groups.',
      };
    case 'empty':
      return { part, came: 'nothing', expected, change: 'Copy the whole JWT.' };
    case 'not_three_parts':
      return {
        part,
        came: 'another number of parts',
        expected,
        change: 'Copy the whole JWT, which starts with eyJ.',
      };
    case 'header_unreadable':
    case 'claims_unreadable':
    case 'signature_unreadable':
      return {
        part,
        came: `${READABLE[problem]} can’t be decoded`,
        expected,
        change: 'Copy the whole JWT, unchanged. Names in its JSON must not repeat.',
      };
  }
}

const READABLE = {
  header_unreadable: 'the first part (header)',
  claims_unreadable: 'the second part (claims)',
  signature_unreadable: 'the third part (signature)',
};

export function headerLine({ part, came, state }: JwtFindingOf<'alg' | 'typ' | 'kid'>): LineText {
  const line = { part, came: came === undefined ? 'none' : valueText(came) };
  if (state === 'ok') return line;
  switch (part) {
    case 'alg':
      return {
        ...line,
        expected: 'RS256, PS256, ES256, EdDSA or their longer forms',
        change: 'Have the issuer sign with an asymmetric algorithm.',
      };
    case 'typ':
      return {
        ...line,
        expected: 'JWT, or no typ',
        change: 'Send an ID token, not an access token, logout token or proof.',
      };
    case 'kid':
      return {
        ...line,
        expected: 'a text, or no kid',
        change: 'Have the issuer send its key’s ID as a text.',
      };
  }
}

export function issuerLine({ came, problem, registered }: JwtFindingOf<'iss'>): LineText {
  const line = { part: 'iss', came: came === undefined ? 'none' : valueText(came) };
  if (problem === undefined) return line;
  if (problem === 'own_issuer') {
    return {
      ...line,
      expected: 'another issuer than Keysmith',
      change: 'Send the JWT of your CI or cloud, not one that Keysmith created.',
    };
  }
  const urls = registered.map(valueText).join(', ');
  return {
    ...line,
    expected:
      registered.length === 0
        ? 'a registered issuer; none is registered'
        : `a registered issuer, exactly: ${urls}`,
    change: 'Use a registered issuer, or ask an organization admin to add this one to the teams file.',
  };
}

export function signatureLine({ keyId, state, problem }: JwtFindingOf<'signature'>): LineText {
  const of = keyId === undefined ? 'without a kid' : `by key ${valueText(keyId)}`;
  if (state === 'ok') return { part: 'Signature', came: `valid, ${of}` };
  return { part: 'Signature', came: of, ...signatureTexts(problem) };
}

function signatureTexts(problem: JwtSignatureProblem | undefined): Pick<JwtLine, 'expected' | 'change'> {
  const expected = 'a signature by a key that the issuer publishes';
  switch (problem) {
    case 'no_such_key':
      return {
        expected,
        change:
          'The issuer doesn’t publish this key, or not anymore. Get a new JWT; for keys in the teams file, add it there.',
      };
    case 'algorithm_not_allowed':
      return {
        expected,
        change: 'The issuer publishes this key for another algorithm. Have it sign with that one.',
      };
    case 'keys_unavailable':
      return {
        expected,
        change:
          'Keysmith can’t fetch the issuer’s keys now. Try again in a minute; “doctor” says what’s wrong.',
      };
    case 'keys_not_allowed':
      return {
        expected,
        change:
          'Keysmith isn’t allowed to connect to this issuer. Ask your Keysmith administrator to run “doctor”, which says what to change.',
      };
    case 'keys_outside_sandbox':
      return {
        expected,
        change:
          'The sandbox connects only to this machine, so it can’t fetch the issuer’s keys. To check signatures, put the keys into the teams file as jwks.',
      };
    case 'keys_asked_recently':
      return { expected, change: 'The key may be newer than the last ones fetched. Try again in a minute.' };
    case 'issuer_unknown':
      return { expected, change: 'Not checked, because the issuer isn’t registered.' };
    case 'header_invalid':
      return { expected, change: 'Not checked, because of the header.' };
    case 'bad_signature':
    case undefined:
      return {
        expected,
        change: 'The JWT was changed, or another key signed it. Copy it unchanged, and compare the issuer.',
      };
  }
}
