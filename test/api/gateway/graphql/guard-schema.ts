import { buildSchema, extendSchema, type GraphQLSchema, parse } from 'graphql';
import { defaultCapabilities } from '../../../../src/sandbox/wandb/capabilities.ts';
import { schemaText } from '../../../../src/sandbox/wandb/graphql/schema-text.ts';

/** What else W&B's schema of September 2024 has that holds credentials or leads to them, and ways around the names of fields. */
const credentials = `
extend type Query {
  node(id: ID!): Node
  latest(first: Int): [Latest!]
  licenses: [LocalLicense!]
}
interface Node { id: ID! }
union Latest = Run | ApiKey | User | AccessToken
extend type Run implements Node { latest: Latest node: Node }
extend type ApiKey implements Node
extend type Project implements Node
extend type User implements Node {
  apiKey: String
  authId: String
  code: String
  stripeCustomerId: String
  runs(first: Int): [Run!]
}
extend type Entity { accessTokens(first: Int): [AccessToken!] secrets: [Secret!] integrations: [GenericWebhookIntegration!] }
extend type Project { triggersCreatedBy: [User!] accessTokens: [AccessToken!] }
type AccessToken implements Node { id: ID! token: String projects: [Project!] }
type Secret { name: String! }
type LocalLicense { license: String }
type GenericWebhookIntegration { name: String accessTokenRef: String secretRef: String }
`;

/** A field that is null for the caller may be null on the server too, so that both answers can be compared. */
const nullable = (text: string) => text.replace(/(OAuth\w+: \[\w+!\])!/g, '$1');

export const guardSchema: GraphQLSchema = extendSchema(
  buildSchema(nullable(schemaText(defaultCapabilities))),
  parse(credentials),
);
