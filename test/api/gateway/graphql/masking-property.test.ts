import fc from 'fast-check';
import {
  execute,
  type GraphQLFieldResolver,
  getNamedType,
  isCompositeType,
  isEnumType,
  parse,
  validate,
} from 'graphql';
import { describe, expect, test } from 'vitest';
import { arbitraryDocument } from './arbitrary-documents.ts';
import { guardSchema } from './guard-schema.ts';
import { forwardedBody, guard } from './guarded.ts';

const CREDENTIAL = 'the-upstream-credential';

/** Where the schema has credentials, or leads to them. */
const credentialFields = new Set([
  ...['apiKey', 'apiKeys', 'authId', 'code', 'stripeCustomerId', 'accessTokens', 'secrets', 'token'],
  ...['license', 'licenses', 'OAuthClients', 'OAuthProviders', 'accessTokenRef', 'secretRef'],
]);
const credentialNames = new Set(['ApiKey.name', 'Secret.name']);

/** A server whose every credential is the same, in objects of every type that a field can have. */
const resolver =
  (hidesCredentials: boolean): GraphQLFieldResolver<unknown, unknown> =>
  (_source, _arguments, _context, { fieldName, returnType, parentType }) => {
    if (hidesCredentials && credentialFields.has(fieldName)) return null;
    const type = getNamedType(returnType);
    const isList = String(returnType).includes('[');
    const one = isCompositeType(type)
      ? {}
      : credentialFields.has(fieldName) || credentialNames.has(`${parentType.name}.${fieldName}`)
        ? CREDENTIAL
        : scalar(type.name);
    const value = isEnumType(type) ? type.getValues()[0]?.value : one;
    return isList ? [value, value] : value;
  };

function scalar(typeName: string): unknown {
  if (typeName === 'Boolean') return true;
  return typeName === 'Int' ? 1 : 'text';
}

let turn = 0;
const run = (body: { query: string; variables: Record<string, unknown> }, hidesCredentials: boolean) =>
  execute({
    schema: guardSchema,
    document: parse(body.query),
    variableValues: body.variables,
    fieldResolver: resolver(hidesCredentials),
    typeResolver: (_value, _context, _info, type) => {
      const types = guardSchema.getPossibleTypes(type);
      turn += 1;
      return types[turn % types.length]?.name;
    },
  });

describe('Whatever a document selects', () => {
  test('no credential is in the answer, and the rest is as if every credential were null', async () => {
    const seen = { masked: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(arbitraryDocument, async (document) => {
        expect(validate(guardSchema, parse(document.query))).toEqual([]);
        const result = guard.read(document);
        if (!result.ok) {
          expect(result.kind).toBe('credential_type');
          seen.refused += 1;
          return;
        }
        const { operation } = result;
        const body = forwardedBody(operation);
        expect(validate(guardSchema, parse(body.query))).toEqual([]);
        turn = 0;
        const answer = await run(body, false);
        expect(JSON.stringify(answer)).not.toContain(CREDENTIAL);
        turn = 0;
        const edited: unknown = JSON.parse(JSON.stringify(answer));
        operation.edit?.apply(edited, (url) => url);
        expect(edited).toEqual(JSON.parse(JSON.stringify(await run(document, true))));
        seen.masked += operation.edit?.maskedFields ?? 0;
      }),
      { numRuns: 100 },
    );
    expect(seen.masked).toBeGreaterThan(20);
    expect(seen.refused).toBeGreaterThan(0);
  });
});
