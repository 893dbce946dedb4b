import { notFound, requireLogin, requireTeamWriter, visibleTeam, WandbError } from '../../../permissions.ts';
import {
  jsonObject,
  type Project,
  type Run,
  type RunAuthor,
  type RunDetails,
  runFileKey,
} from '../../../runs/run.ts';
import type { WandbTeam, WandbUser } from '../../../wandb-state.ts';
import type { RequestContext } from '../graphql-objects.ts';
import { pageOf } from './pages.ts';
import { linkedArtifact, projectObject, runObject } from './run-objects.ts';

interface ProjectArguments {
  name?: string | null;
  entityName?: string | null;
}

interface ProjectsArguments {
  entityName?: string | null;
  after?: string | null;
  first?: number | null;
}

/** Returns null for a project that doesn't exist or that the caller can't see. */
function project({ name, entityName }: ProjectArguments, context: RequestContext) {
  const team = visibleTeam(context.state, context.caller, entityName);
  const found = team && context.runs.store.project(team.name, name ?? '');
  return found ? projectObject(context, found) : null;
}

function projects({ entityName, ...page }: ProjectsArguments, context: RequestContext) {
  const team = visibleTeam(context.state, context.caller, entityName);
  const own = context.runs.store.projects().filter(({ entity }) => entity === team?.name);
  return pageOf(own, page, (one) => projectObject(context, one));
}

export const runQueries = {
  project,
  model: project,
  projects,
  models: projects,

  artifact({ id }: { id: string }, context: RequestContext) {
    const artifact = context.runs.artifacts.byId(id);
    const isVisible =
      artifact && visibleTeam(context.state, context.caller, artifact.project.entity) !== undefined;
    if (!artifact) requireLogin(context.caller);
    return artifact && isVisible ? linkedArtifact(context, artifact) : null;
  },

  clientIDMapping({ clientID }: { clientID: string }, context: RequestContext) {
    requireLogin(context.caller);
    const artifact = context.runs.artifacts.byClientId(clientID);
    const isVisible = artifact && visibleTeam(context.state, context.caller, artifact.project.entity);
    return artifact && isVisible ? { serverID: artifact.id } : null;
  },
};

interface UpsertBucketInput {
  id?: string | null;
  name?: string | null;
  modelName?: string | null;
  entityName?: string | null;
  groupName?: string | null;
  description?: string | null;
  displayName?: string | null;
  notes?: string | null;
  config?: string | null;
  commit?: string | null;
  host?: string | null;
  jobProgram?: string | null;
  jobRepo?: string | null;
  jobType?: string | null;
  sweep?: string | null;
  tags?: string[] | null;
  summaryMetrics?: string | null;
  clientMutationId?: string | null;
}

interface RunFilesInput {
  entityName?: string | null;
  projectName: string;
  runName: string;
  files: string[];
  clientMutationId?: string | null;
}

export const runMutations = {
  /** Creates a run, starts it again (resume), or changes its details. */
  upsertBucket({ input }: { input: UpsertBucketInput }, context: RequestContext) {
    const details = runDetails(input);
    const { run, inserted } = input.id ? existingRun(input.id, context) : startedRun(input, context);
    context.runs.store.change(run, details);
    return {
      bucket: () => runObject(context, run),
      inserted,
      serverSettings: { serverMessages: [] },
      clientMutationId: input.clientMutationId,
    };
  },

  /** Creates a project. Its access can't be changed: each project is private to its team. */
  upsertModel({ input }: { input: Record<string, string | null | undefined> }, context: RequestContext) {
    const { name, entityName, description, clientMutationId } = input;
    const team = requireTeamWriter(context.state, context.caller, { entityName, operation: 'upsertModel' });
    const { store } = context.runs;
    const inserted = !store.project(team.name, name ?? '');
    const added = store.addProject(team.name, name ?? '', description);
    const object = () => projectObject(context, added);
    return { model: object, project: object, inserted, clientMutationId };
  },

  /** Returns a URL per file, to which the client uploads its content. */
  createRunFiles({ input }: { input: RunFilesInput }, context: RequestContext) {
    const { store, urls } = context.runs;
    const run = writableRun(input, context, 'createRunFiles');
    for (const file of input.files) store.addFile(run, file);
    return {
      runID: run.id,
      uploadHeaders: [],
      files: input.files.map((name) => ({
        id: Buffer.from(runFileKey(run, name)).toString('base64'),
        name,
        displayName: name,
        uploadUrl: urls.sign('PUT', runFileKey(run, name)),
        uploadHeaders: [],
      })),
      clientMutationId: input.clientMutationId,
    };
  },

  markRunFilesUploaded({ input }: { input: RunFilesInput }, context: RequestContext) {
    writableRun(input, context, 'markRunFilesUploaded');
    return { success: true, clientMutationId: input.clientMutationId };
  },

  /** Accepts the alert of a script, and sends it to nobody. */
  notifyScriptableRunAlert({ input }: { input: Omit<RunFilesInput, 'files'> }, context: RequestContext) {
    writableRun(input, context, 'notifyScriptableRunAlert');
    return { success: true, clientMutationId: input.clientMutationId };
  },

  stopRun({ input }: { input: { id: string; clientMutationId?: string | null } }, context: RequestContext) {
    const { run } = existingRun(input.id, context, 'stopRun');
    context.runs.store.requestStop(run);
    return { success: true, clientMutationId: input.clientMutationId };
  },
};

function existingRun(id: string, { state, caller, runs }: RequestContext, operation = 'upsertBucket') {
  requireLogin(caller);
  const run = runs.store.runById(id);
  if (!run) throw notFound(`run ${id.slice(0, 200)}`, operation);
  requireTeamWriter(state, caller, { entityName: run.project.entity, operation });
  return { run, inserted: false };
}

function startedRun(input: UpsertBucketInput, context: RequestContext) {
  const { state, caller, runs, now } = context;
  const { entityName, modelName, name } = input;
  const team = requireTeamWriter(state, caller, { entityName, operation: 'upsertBucket' });
  const user = requireLogin(caller);
  const inProject: Project = runs.store.addProject(team.name, modelName || 'uncategorized');
  return runs.store.startRun({
    project: inProject,
    name: name || null,
    account: authorOf(user),
    person: attributedPerson(user, team, context),
    nowMs: now(),
  });
}

/** W&B books a service account's run on the member whom the client names. */
function attributedPerson(user: WandbUser, team: WandbTeam, { state, attribution }: RequestContext) {
  const { username, email } = attribution;
  if (user.accountType !== 'SERVICE') return null;
  const person = (email && state.person(email)) || (username && state.person(username));
  const isMember = team.memberships.some((one) => one.user === person && !one.pending);
  return person && isMember ? authorOf(person) : null;
}

const authorOf = ({ username, name, accountType }: WandbUser): RunAuthor => ({
  username,
  name,
  isServiceAccount: accountType === 'SERVICE',
});

function writableRun(
  { entityName, projectName, runName }: Pick<RunFilesInput, 'entityName' | 'projectName' | 'runName'>,
  { state, caller, runs }: RequestContext,
  operation: string,
): Run {
  const team = requireTeamWriter(state, caller, { entityName, operation });
  const run = runs.store.run(team.name, projectName, runName);
  if (!run) throw notFound(`run ${team.name}/${projectName}/${runName}`, operation);
  return run;
}

const MAX_TEXT_LENGTH = 10_000;
const MAX_TAGS = 100;
const MAX_JSON_LENGTH = 2 ** 20;

/** Returns the details that the client sends; null means "unchanged". */
function runDetails(input: UpsertBucketInput): Partial<RunDetails> {
  const { displayName, description, notes, groupName, jobType, commit, host, tags } = input;
  const { jobProgram, jobRepo, sweep, config, summaryMetrics } = input;
  const details = {
    displayName: displayName || null,
    description,
    notes,
    group: groupName,
    jobType,
    commit,
    host,
    program: jobProgram,
    repo: jobRepo,
    sweepName: sweep,
  };
  const texts = Object.entries(details).filter(([, text]) => text !== null && text !== undefined);
  const isTooLong = [...texts.map(([, text]) => text), ...(tags ?? [])].some(
    (text) => (text?.length ?? 0) > MAX_TEXT_LENGTH,
  );
  if (isTooLong || (tags?.length ?? 0) > MAX_TAGS) throw new WandbError('run too large', { status: 413 });
  for (const json of [config, summaryMetrics]) if (json) requireJson(json);
  return {
    ...Object.fromEntries(texts),
    ...(tags && { tags }),
    ...(config && { config }),
    ...(summaryMetrics && { summary: summaryMetrics }),
  };
}

function requireJson(text: string): void {
  if (text.length > MAX_JSON_LENGTH) throw new WandbError('config or summary too large', { status: 413 });
  if (!jsonObject(text)) throw new WandbError('invalid JSON string', { status: 400 });
}
