import { findIssuers } from '../../application/find-issuers.ts';
import type { SlackEdge } from '../edge.ts';
import { option } from '../messages/option.ts';
import type { BlockSuggestionPayload } from '../payloads.ts';

/** The options of *Issuer* where there are too many to list. */
export async function issuerOptions(edge: SlackEdge, payload: BlockSuggestionPayload) {
  const issuers = await findIssuers(edge.ports, payload.user.id, payload.value.trim().toLowerCase());
  return issuers.map((url) => option(url));
}
