import { readFileSync } from 'node:fs';

/** A request as a release of the `wandb` SDK sent it to a recording server. */
interface SdkRequest<Body> {
  sdk: string;
  /** The name of the GraphQL operation. */
  operation: string | null;
  path: string;
  headers: Record<string, string>;
  body: Body;
}

export type SdkGraphqlBody = {
  query: string;
  variables?: Record<string, unknown>;
  operationName?: string;
};

const recorded: SdkRequest<unknown>[] = JSON.parse(
  readFileSync(new URL('./wandb-sdk-requests.json', import.meta.url), 'utf8'),
);

export const sdkGraphqlRequests = recorded.filter(
  (request): request is SdkRequest<SdkGraphqlBody> => request.path === '/graphql',
);

/** The body is a form. */
export const sdkTokenRequests = recorded.filter(
  (request): request is SdkRequest<string> => request.path === '/oidc/token',
);
