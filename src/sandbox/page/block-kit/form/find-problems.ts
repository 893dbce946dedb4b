import type { Block } from '../../../slack/protocol/page-protocol.ts';
import { fieldErrors } from '../../../slack/workspace/view-state.ts';
import type { FormValues } from './form-values.ts';

/** What Slack's client finds wrong before it sends a view off: block ID → what stands at the field. */
export function findProblems(blocks: Block[], values: FormValues): Record<string, string> {
  return fieldErrors(blocks, values.collect());
}
