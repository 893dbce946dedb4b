import { createPublicKey, type JsonWebKey } from 'node:crypto';
import type { JSONWebKeySet, JWK } from 'jose';
import { Document, isScalar, isSeq } from 'yaml';
import { readAssertionKeys } from '../../domain/federation/assertion-keys.ts';
import type { Place } from './node-reader.ts';
import type { Section } from './section.ts';

const MAX_KEYS = 50;
const LEAST_RSA_BITS = 2048;

const textMembers = ['kty', 'kid', 'use', 'alg', 'n', 'e', 'crv', 'x', 'y'] as const;
/** RFC 7518, sections 6.2.2, 6.3.2 and 6.4. */
const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'] as const;
const curves: Readonly<Record<string, readonly string[]>> = {
  EC: ['P-256', 'P-384', 'P-521'],
  OKP: ['Ed25519'],
};

/**
 * A JWK Set (RFC 7517), as a mapping or as the JSON text that issuers serve, where every key can check JWTs. Members that
 * are not needed for that are left out, as the RFC wants it.
 */
export function readKeySet(section: Section, place: Place | undefined): JSONWebKeySet | undefined {
  if (place === undefined) return undefined;
  const { reader } = section;
  const set = unfolded(section, place);
  const fields = set && reader.map(set, ['keys'], ['keys']);
  const entries = reader.list(fields?.keys);
  if (fields?.keys !== undefined && isSeq(fields.keys.node)) {
    const { offset, path } = fields.keys;
    if (entries.length === 0) reader.report.add(offset, path, 'At least one key is needed here.');
    if (entries.length > MAX_KEYS)
      reader.report.add(offset, path, `At most ${MAX_KEYS} keys may stand here.`);
  }
  return { keys: entries.slice(0, MAX_KEYS).flatMap((entry) => readKey(section, entry) ?? []) };
}

/** Where the value is JSON text, what it says; all of it stands at the place of the text. */
function unfolded({ reader }: Section, place: Place): Place | undefined {
  const { node, offset, path } = place;
  if (!isScalar(node) || typeof node.value !== 'string') return place;
  try {
    return { ...place, node: new Document(JSON.parse(node.value)).contents };
  } catch {
    // The parser's own message quotes the text.
    reader.report.add(offset, path, 'Expected a map with keys, or the JSON text of one: this is no JSON.');
    return undefined;
  }
}

function readKey(section: Section, place: Place): JWK | undefined {
  const { reader } = section;
  const fields = reader.openMap(place, [...textMembers, ...privateMembers, 'key_ops']);
  if (fields === undefined) return undefined;
  const refuse = (message: string) => {
    reader.report.add(place.offset, place.path, message);
    return undefined;
  };
  if (privateMembers.some((member) => fields[member] !== undefined)) {
    return refuse(
      'This key is private or shared: state the public part alone, and replace a key that stood here.',
    );
  }
  const read = textMembers.map((member) => [member, reader.text(fields[member])] as const);
  if (read.some(([member, text]) => text === undefined && fields[member] !== undefined)) return undefined;
  const operations = reader.list(fields.key_ops).map((entry) => reader.text(entry) ?? '');
  const key: JWK = {
    ...Object.fromEntries(read.filter(([, text]) => text !== undefined)),
    ...(fields.key_ops !== undefined && { key_ops: operations }),
  };
  const problem = keyProblem(key);
  return problem === undefined ? key : refuse(problem);
}

function keyProblem(key: JWK): string | undefined {
  const { kty = '', crv = '', n, e, x, y } = key;
  if (kty !== 'RSA' && !curves[kty]?.includes(crv)) {
    return `A key here is of kty RSA (n, e), EC (crv ${curves.EC?.join(', ')}; x, y) or OKP (crv Ed25519; x).`;
  }
  const needed = kty === 'RSA' ? { n, e } : kty === 'EC' ? { x, y } : { x };
  for (const [member, value] of Object.entries(needed)) {
    if (value === undefined) return `"${member}" is missing here.`;
    if (!/^[\w-]+$/.test(value)) return `"${member}" is base64url: letters, digits, "-" and "_".`;
  }
  const details = publicKeyDetails({ ...key } as JsonWebKey);
  if (details === undefined) return `This is no ${kty} key: copy it again.`;
  const { modulusLength, publicExponent } = details;
  if (modulusLength !== undefined && modulusLength < LEAST_RSA_BITS) {
    return `An RSA key has at least ${LEAST_RSA_BITS} bits.`;
  }
  if (publicExponent !== undefined && (publicExponent < 3n || publicExponent % 2n === 0n)) {
    return 'The exponent "e" of an RSA key is odd and greater than 1: AQAB nearly everywhere.';
  }
  return readAssertionKeys({ keys: [key] })?.length === 1
    ? undefined
    : 'This key checks no signatures: its use, key_ops, alg or size is not for that.';
}

function publicKeyDetails(key: JsonWebKey) {
  try {
    return createPublicKey({ key, format: 'jwk' }).asymmetricKeyDetails;
  } catch {
    return undefined;
  }
}
