import { isRefusedMutation } from '../../../domain/gateway/mutations.ts';
import { filtersByCredential } from './credential-filters.ts';
import { isCredentialType } from './credential-names.ts';
import { type GuardRefusal, refuse } from './guarded-operation.ts';
import { everyField, type SelectedField, type SelectedOperation } from './selected-fields.ts';

/**
 * Root fields that list people or organizations across teams, and those that find any object by its ID: `node(id:)` with a
 * fragment reaches the same people.
 */
const REFUSED_ROOT_FIELD = /^(all)?(users?|organi[sz]ations?|nodes?$)/i;

/**
 * Returns why an operation can't go upstream, if it can't. Fields in fragments on `Query` and `Mutation` count as root fields
 * wherever they are.
 */
export function refusalOf(
  { isMutation, fields, typeConditions }: SelectedOperation,
  allowedMutations: ReadonlySet<string>,
): GuardRefusal | undefined {
  for (const field of rootFieldsOf(fields, isMutation)) {
    const refusal = field.isMutation
      ? mutationRefusal(field, allowedMutations)
      : REFUSED_ROOT_FIELD.test(field.name) && rootFieldRefusal(field.name);
    if (refusal) return refusal;
  }
  for (const type of typeConditions) {
    if (!isCredentialType(type)) continue;
    const problem = `Keysmith doesn't forward fragments on ${shown(type)}, which holds credentials.`;
    return refuse('credential_type', `${problem} Leave the fragment out.`);
  }
  for (const field of everyField(fields)) {
    if (!filtersByCredential(field)) continue;
    return refuse(
      'credential_filter',
      "Keysmith doesn't forward a filter or an order by a field that holds credentials.",
    );
  }
  return undefined;
}

type RootField = SelectedField & { isMutation: boolean };

function* rootFieldsOf(fields: readonly SelectedField[], isMutation: boolean): Generator<RootField> {
  for (const field of fields) yield { ...field, isMutation: isMutation || isOn(field, 'mutation') };
  for (const field of everyField(fields)) {
    for (const inner of field.selections) {
      if (isOn(inner, 'mutation')) yield { ...inner, isMutation: true };
      // Some servers lead back to the root with a field of this name.
      else if (isOn(inner, 'query') || field.name === 'query') yield { ...inner, isMutation: false };
    }
  }
}

function isOn({ typeCondition }: SelectedField, rootType: string): boolean {
  return typeCondition?.toLowerCase() === rootType;
}

function rootFieldRefusal(name: string): GuardRefusal {
  return refuse(
    'root_field',
    `Keysmith doesn't forward ${shown(name)}: it reaches people and organizations of other teams. Use viewer, entity or project.`,
  );
}

function mutationRefusal(
  field: SelectedField,
  allowedMutations: ReadonlySet<string>,
): GuardRefusal | undefined {
  const { name } = field;
  if (name === '__typename') return undefined;
  if (!allowedMutations.has(name)) return refuse('mutation', mutationProblem(name));
  if (name === 'upsertModel') return accessRefusal(field);
  if (name === 'upsertBucket') return unnamedBucketRefusal(field);
  return undefined;
}

function mutationProblem(name: string): string {
  const problem = `Keysmith doesn't forward the mutation ${shown(name)}`;
  if (/apikey|serviceaccount|token|client/i.test(name) && isRefusedMutation(name)) {
    return `${problem}: service accounts and their keys are managed in Slack, with /wandb service-account.`;
  }
  if (isRefusedMutation(name)) {
    return `${problem}: no workload may change credentials, people or integrations. Ask an admin of your team to do it in W&B.`;
  }
  return `${problem}. Do it in W&B itself, or ask your Keysmith administrator to add it to KEYSMITH_UPSTREAM_MUTATIONS.`;
}

/** The fields of a project that a workload may set. Others, such as `access`, `isPublished` and `owner`, may decide who sees it. */
const PROJECT_INPUTS: ReadonlySet<string> = new Set([
  'input',
  'id',
  'name',
  'entityName',
  'description',
  'repo',
  'dockerImage',
  'framework',
  'views',
  'icon',
  'color',
  'artifactTypes',
  'allowAllArtifactTypesInRegistry',
  'clientMutationId',
]);

function accessRefusal({ arguments: given }: SelectedField): GuardRefusal | undefined {
  const key = findEntry(
    given,
    (name, value) => !PROJECT_INPUTS.has(name) && value !== undefined && value !== null,
  );
  if (key === undefined) return undefined;
  const problem = `Keysmith doesn't forward upsertModel with ${shown(key)}: a workload must not set who may see a project.`;
  return refuse('project_access', `${problem} Ask an admin of your team to do it in W&B.`);
}

/** An ID alone would reach a run in a project that the account may not write to. */
function unnamedBucketRefusal({ arguments: given }: SelectedField): GuardRefusal | undefined {
  if (findEntry(given, (name, value) => name === 'id' && isGiven(value)) === undefined) return undefined;
  const input = new Map<string, unknown>(Object.entries(given.input ?? {}));
  const isNamed = (name: string) => typeof input.get(name) === 'string' && isGiven(input.get(name));
  if (isNamed('entityName') && isNamed('modelName')) return undefined;
  return refuse(
    'scope',
    "Keysmith doesn't forward upsertBucket with an id unless it also names entityName and modelName. wandb.Api() names neither when it changes a run: use wandb.init() with the run's id and resume='allow' instead.",
  );
}

/** SDKs send null and '' for values that aren't set. */
function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}

/** Returns the name of the first entry, at any depth, that fits. */
function findEntry(value: unknown, fits: (name: string, value: unknown) => boolean): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [name, inner] of Object.entries(value)) {
    if (!Array.isArray(value) && fits(name, inner)) return name;
    const found = findEntry(inner, fits);
    if (found !== undefined) return found;
  }
  return undefined;
}

function shown(name: string): string {
  return name.slice(0, 60);
}
