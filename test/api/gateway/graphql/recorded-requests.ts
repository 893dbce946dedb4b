import { readFileSync } from 'node:fs';
import { type SdkGraphqlBody, sdkGraphqlRequests } from '../../../world/wandb-sdk-requests.ts';

interface RecordedStep {
  operation: string | null;
  query: string;
  variables: Record<string, unknown>;
  operationName?: string;
}

const traffic: Record<
  string,
  { queries: Record<string, string>; full: RecordedStep[]; resume: RecordedStep[] }
> = JSON.parse(readFileSync(new URL('../../../world/wandb-runs/traffic.json', import.meta.url), 'utf8'));

export interface RecordedRequest {
  /** The SDK and the operation. */
  name: string;
  body: SdkGraphqlBody;
}

/** The requests with distinct documents that official SDKs sent, of runs and of calls that manage accounts. */
export const recordedRequests: RecordedRequest[] = [
  ...Object.entries(traffic).flatMap(([sdk, { queries, full, resume }]) =>
    distinct([...full, ...resume].filter(({ operation }) => operation !== null)).map(
      ({ query, variables, operationName }) => ({
        name: `${sdk} ${query}`,
        body: {
          query: queries[query] ?? '',
          variables,
          ...(operationName !== undefined && { operationName }),
        },
      }),
    ),
  ),
  ...sdkGraphqlRequests.map(({ sdk, operation, body }) => ({ name: `${sdk} ${operation}`, body })),
];

function distinct(steps: RecordedStep[]): RecordedStep[] {
  return [...new Map(steps.map((step) => [step.query, step])).values()];
}
