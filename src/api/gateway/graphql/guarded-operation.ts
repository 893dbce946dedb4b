/** Why the guard refuses a request. The kinds are labels of a metric, so they never change. */
export type GuardRefusalKind =
  /** Not one JSON object with a readable document. */
  | 'malformed'
  /** The document or its variables exceed a bound. */
  | 'too_large'
  /** Subscriptions, `@defer`, and directives that Keysmith doesn't know. */
  | 'unsupported'
  | 'mutation'
  /** `upsertModel` that sets who may see a project. */
  | 'project_access'
  /** A root field that lists people or organizations across teams, or finds any object by its ID. */
  | 'root_field'
  /** A fragment on a type of credential. */
  | 'credential_type'
  /** A filter or an order by a field that holds a credential. */
  | 'credential_filter'
  /** Teams or projects that are ambiguous, or an object that must be named and isn't. */
  | 'scope';

export interface GuardRefusal {
  ok: false;
  kind: GuardRefusalKind;
  /** For the person who reads the SDK's error. Without values of the request, which may be credentials. */
  message: string;
  /** 200 for a GraphQL error, as W&B sends for an operation that isn't allowed; 400 for a request that W&B wouldn't read either. */
  status: 200 | 400;
}

export function refuse(kind: GuardRefusalKind, message: string): GuardRefusal {
  const isUnreadable = kind === 'malformed' || kind === 'too_large';
  return { ok: false, kind, message, status: isUnreadable ? 400 : 200 };
}

export type GuardResult = GuardRefusal | { ok: true; operation: GuardedOperation };

/** A team and a project that an operation names together. Without a team, W&B takes that of the credential. */
export interface NamedProject {
  /** In Unicode NFC and never empty. */
  entity?: string;
  /** Never empty. */
  project?: string;
}

/** A GraphQL request that may go upstream, with what must be known before and after. */
export interface GuardedOperation {
  /** What goes upstream: JSON with `query`, `variables` and `operationName` alone. Credential fields are masked. */
  body: string;
  isMutation: boolean;
  /** The names of the root fields, without aliases. */
  rootFields: readonly string[];
  /** Distinct teams and projects, from arguments, variables and their defaults. */
  named: readonly NamedProject[];
  /** Distinct IDs by which the operation names objects, wherever it does. */
  namedIds: readonly string[];
  /** Whether the answer shows nothing of a team but the projects and objects that the operation names. */
  staysInProject: boolean;
  /** Undefined if the answer may stream through unchanged. */
  edit: AnswerEdit | undefined;
  /** Whether {@link collectIds} can find any. */
  selectsIds: boolean;
  /**
   * Returns distinct IDs that the answer shows to the caller, at most 10,000.
   *
   * @param answer parsed JSON of any shape
   */
  collectIds(answer: unknown): string[];
  /** Set if the operation asks nothing but whether one run should stop. */
  asksStopped: AsksStopped | undefined;
}

export interface AnswerEdit {
  /** How many credential fields the document selects; each is null in the edited answer. */
  maskedFields: number;
  hasUrls: boolean;
  /**
   * Changes the answer in place: masked fields become null, and URLs what `rewriteUrl` returns.
   *
   * @param answer parsed JSON of any shape
   * @param rewriteUrl gets every string in a field for a URL (`url`, `directUrl`, `uploadUrl`, `parquetUrls`, …)
   */
  apply(answer: unknown, rewriteUrl: (url: string) => string): void;
}

export interface AsksStopped {
  entity: string | undefined;
  project: string | undefined;
  run: string;
  /** The whole answer, which says that the run was stopped. */
  answer: { data: Record<string, unknown> };
}

export interface GraphqlGuard {
  /** @param body parsed JSON of the request's body, of any shape */
  read(body: unknown): GuardResult;
}

export type TeamScope =
  /** `entity` is undefined if the operation names no team. */
  | { ok: true; entity: string | undefined; projects: readonly string[] }
  /** It names more than one. */
  | { ok: false; entities: readonly string[] };

/** Returns the only team of an operation, and its projects there; a project without a team belongs to that team too. */
export function teamScope(named: readonly NamedProject[]): TeamScope {
  const entities = [...new Set(named.flatMap(({ entity }) => entity ?? []))];
  if (entities.length > 1) return { ok: false, entities };
  const projects = [...new Set(named.flatMap(({ project }) => project ?? []))];
  return { ok: true, entity: entities[0], projects };
}
