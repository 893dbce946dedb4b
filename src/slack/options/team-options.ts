import { findTeams } from '../../application/find-teams.ts';
import type { SlackEdge } from '../edge.ts';
import { option } from '../messages/option.ts';
import type { BlockSuggestionPayload } from '../payloads.ts';

/** The options of *Team* where there are too many to list. */
export async function teamOptions(edge: SlackEdge, payload: BlockSuggestionPayload) {
  const teams = await findTeams(edge.ports, payload.user.id, payload.value.trim().toLowerCase());
  return teams.map((team) => option(team));
}
