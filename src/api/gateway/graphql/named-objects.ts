import { type GuardRefusal, type NamedProject, refuse } from './guarded-operation.ts';
import type { SelectedField } from './selected-fields.ts';

/** SDKs name one. Each is authorized on its own. */
const MAX_NAMED = 50;

export type ReadNamedObjectsResult =
  | { ok: true; named: readonly NamedProject[]; namedIds: readonly string[] }
  | GuardRefusal;

/**
 * Reads which teams, projects and IDs the arguments of an operation name: `project(name:, entityName:)`,
 * `entity(name:) { project(name:) }`, `upsertBucket(input: { entityName:, modelName: })`, and others by the names of their keys.
 * A field or input object without a team belongs to the one around it.
 */
export function readNamedObjects(fields: readonly SelectedField[]): ReadNamedObjectsResult {
  const named = new Map<string, NamedProject>();
  const namedIds = new Set<string>();
  // Lists of files repeat a few keys ten thousand times.
  const roles = new Map<string, Role>();
  const roleOf = (key: string): Role => {
    if (!roles.has(key)) roles.set(key, roleOfKey(key));
    return roles.get(key);
  };

  /** Returns the team that the record names, or else the one around it. */
  const readRecord = (
    record: object,
    entityAround: string | undefined,
    nameRole: Role,
  ): string | undefined => {
    const entities: string[] = [];
    const projects: string[] = [];
    const inner: [record: object, nameRole: Role][] = [];
    for (const [key, value] of Object.entries(record)) {
      const role = key === 'name' ? nameRole : roleOf(key);
      forEachGiven(value, (one) => {
        // SDKs wrap the arguments of a mutation in `input`.
        if (typeof one === 'object') inner.push([one, key === 'input' ? nameRole : role]);
        else if (role === 'entity') entities.push(one);
        else if (role === 'project') projects.push(one);
        if (typeof one === 'string' && (role === 'id' || isGlobalId(one))) namedIds.add(one);
      });
    }
    const possible = entities.length > 0 ? entities : [entityAround];
    for (const entity of entities.length > 0 || projects.length > 0 ? possible : []) {
      for (const project of projects.length > 0 ? projects : [undefined]) {
        // Two lists of thousands make millions of pairs.
        if (named.size > MAX_NAMED) break;
        const pair = { ...(entity !== undefined && { entity }), ...(project !== undefined && { project }) };
        named.set(JSON.stringify([entity, project]), pair);
      }
    }
    for (const [one, role] of inner) readRecord(one, possible[0], role);
    return possible[0];
  };

  const readFields = (selected: readonly SelectedField[], entityAround: string | undefined) => {
    for (const { name, arguments: given, selections } of selected) {
      readFields(selections, readRecord(given, entityAround, roleOf(name)));
    }
  };
  readFields(fields, undefined);
  return checked([...named.values()], [...namedIds]);
}

function checked(named: readonly NamedProject[], namedIds: readonly string[]): ReadNamedObjectsResult {
  if (named.length > MAX_NAMED) {
    return refuse('too_large', `The query names too many projects: at most ${MAX_NAMED}.`);
  }
  // Keysmith compares teams in this form, but the server compares them exactly.
  if (named.some(({ entity }) => entity?.normalize('NFC') !== entity)) {
    return refuse('scope', 'The name of a team must be in Unicode NFC: type it again.');
  }
  return { ok: true, named, namedIds };
}

/** What the value of a key names. `name` has the role of the field or key around it. */
type Role = 'entity' | 'project' | 'id' | undefined;

const ENTITY_KEY = /(?:^|_|[a-z\d](?=[ET]))(?:[Ee]ntity|[Ee]ntities|[Tt]eams?)_?(?:[Nn]ames?)?$/;
const PROJECT_KEY = /(?:^|_|[a-z\d](?=[PM]))(?:[Pp]rojects?|[Mm]odels?)_?(?:[Nn]ames?)?$/;
const ID_KEY = /(?:^|_|[a-z\d](?=I))(?:[Ii]ds?|IDs?)$/;
/** Clients make these up, or take them from the storage. */
const FOREIGN_ID_KEY = /client|distributed|mutation|upload/i;

function roleOfKey(key: string): Role {
  if (ENTITY_KEY.test(key)) return 'entity';
  if (PROJECT_KEY.test(key)) return 'project';
  return isIdKey(key) ? 'id' : undefined;
}

/** Returns whether an argument, an input field or a field of an answer has W&B's ID of an object. */
export function isIdKey(key: string): boolean {
  return ID_KEY.test(key) && !FOREIGN_ID_KEY.test(key);
}

/**
 * Returns whether text is an ID in W&B's format, base64 of `Run:…`, `Project:…` and the like, which some arguments take instead
 * of a name.
 */
function isGlobalId(text: string): boolean {
  if (text.length < 6 || text.length > 2_000 || !/^[Q-W][A-Za-z\d+/_-]+={0,2}$/.test(text)) return false;
  return /^[A-Z][A-Za-z]{1,50}:/.test(Buffer.from(text.slice(0, 72), 'base64').toString('latin1'));
}

/** Visits the scalars, as text, and the objects of a value or of nested lists. Null and '' leave the choice to the server. */
function forEachGiven(value: unknown, visit: (one: string | object) => void): void {
  if (value === null || value === undefined || value === '') return;
  if (Array.isArray(value)) for (const one of value) forEachGiven(one, visit);
  else visit(typeof value === 'object' ? value : String(value));
}
