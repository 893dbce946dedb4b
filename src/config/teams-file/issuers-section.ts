import type { DesiredIssuer } from '../../domain/federation/issuer.ts';
import { certificatesRule } from './certificates-rule.ts';
import { readKeySet } from './key-set.ts';
import type { Place } from './node-reader.ts';
import type { Section } from './section.ts';
import type { TeamsFileOptions } from './teams-file.ts';
import { insecureIssuerUrlRule, issuerUrlRule } from './value-rules.ts';

/** A year: what lives longer is no JWT of a workload. */
const MAX_LIFETIME_HOURS = { least: 1, most: 8760, noun: 'hours' };

const issuerKeys = ['url', 'single_use', 'private_network', 'ca', 'jwks', 'max_lifetime_hours'] as const;

export function readIssuers(
  section: Section,
  place: Place | undefined,
  { allowInsecureIssuers = false }: TeamsFileOptions,
): DesiredIssuer[] {
  const { reader } = section;
  const isFirst = section.uniqueness('This issuer');
  const urlRule = allowInsecureIssuers ? insecureIssuerUrlRule : issuerUrlRule;
  const issuers: DesiredIssuer[] = [];
  for (const entry of reader.list(place)) {
    const fields = reader.map(entry, issuerKeys, ['url']);
    if (fields === undefined) continue;
    const url = section.value(fields.url, urlRule);
    const isSingleUse = reader.flag(fields.single_use);
    const isPrivateNetwork = reader.flag(fields.private_network);
    const ca = section.value(fields.ca, certificatesRule);
    const jwks = readKeySet(section, fields.jwks);
    const hours = reader.wholeNumber(fields.max_lifetime_hours, MAX_LIFETIME_HOURS);
    if (url === undefined || !isFirst(url, fields.url ?? entry)) continue;
    issuers.push({
      url,
      ...(isSingleUse !== undefined && { isSingleUse }),
      ...(isPrivateNetwork !== undefined && { isPrivateNetwork }),
      ...(ca !== undefined && { ca }),
      ...(jwks !== undefined && { jwks }),
      ...(hours !== undefined && { maxLifetimeSeconds: hours * 3600 }),
    });
  }
  return issuers;
}
