import type { Artifact } from '../../../runs/artifact-store.ts';
import { type Project, type Run, type RunAuthor, runState, wireId } from '../../../runs/run.ts';
import { entityObject, type RequestContext, userObject } from '../graphql-objects.ts';
import {
  type ArtifactLinks,
  artifactObject,
  membershipObject,
  sequenceObject,
  typeObject,
} from './artifact-objects.ts';
import { fileFields } from './file-fields.ts';
import { metricFields } from './metric-fields.ts';
import { dateTime, pageOf } from './pages.ts';
import { selectRuns } from './run-filters.ts';

/** Returns a `Project`. Callers have checked that the caller may see it. */
export function projectObject(context: RequestContext, project: Project) {
  const { store } = context.runs;
  const runNamed = ({ name }: { name: string }) => {
    const run = store.run(project.entity, project.name, name);
    return run ? runObject(context, run) : null;
  };
  const team = () => {
    const found = context.state.team(project.entity);
    return found && entityObject(context, found);
  };
  return {
    id: project.id,
    internalId: wireId('ProjectInternalId', project.number),
    name: project.name,
    entityName: project.entity,
    entity: team,
    description: project.description,
    createdAt: dateTime(project.createdAtMs),
    isBenchmark: false,
    readOnly: false,
    access: 'PRIVATE',
    user: null,
    run: runNamed,
    bucket: runNamed,
    runs: ({
      filters,
      order,
      ...page
    }: {
      filters?: string;
      order?: string;
      after?: string;
      first?: number;
    }) =>
      pageOf(selectRuns(store.runsOf(project), { filters, order, nowMs: context.now() }), page, (run) =>
        runObject(context, run),
      ),
    runCount: ({ filters }: { filters?: string }) =>
      selectRuns(store.runsOf(project), { filters, order: undefined, nowMs: context.now() }).length,
    ...projectArtifactFields(context, project),
  };
}

function projectArtifactFields(context: RequestContext, project: Project) {
  const { artifacts } = context.runs;
  const links = linksOf(context);
  return {
    artifact({ name }: { name: string }) {
      const found = artifacts.named(project, name);
      return found ? artifactObject(links, found) : null;
    },
    artifactType: ({ name }: { name: string }) => typeObject(links, project, name),
    artifactCollection: ({ name }: { name: string }) =>
      artifacts.versions(project, name).length > 0 ? sequenceObject(links, project, name) : null,
    artifactCollectionMembership: ({ name }: { name: string }) =>
      membershipObject(links, artifacts.named(project, name)),
  };
}

const linksOf = (context: RequestContext): ArtifactLinks => ({
  context,
  project: (project) => projectObject(context, project),
  run: (run) => runObject(context, run),
});

/** Returns an `Artifact` with its way back to projects and runs. */
export const linkedArtifact = (context: RequestContext, artifact: Artifact) =>
  artifactObject(linksOf(context), artifact);

/** Returns a `Run`. */
export function runObject(context: RequestContext, run: Run) {
  const nowMs = context.now();
  return {
    id: run.id,
    projectId: String(run.project.number),
    name: run.name,
    displayName: run.displayName,
    description: run.description ?? '',
    notes: run.notes,
    sweepName: run.sweepName,
    state: runState(run, nowMs),
    config: run.config,
    group: run.group,
    groupName: run.group,
    jobType: run.jobType,
    commit: run.commit,
    host: run.host,
    readOnly: false,
    stopped: run.stopRequested,
    tags: run.tags,
    createdAt: dateTime(run.createdAtMs),
    heartbeatAt: dateTime(run.heartbeatAtMs),
    historyLineCount: run.history.count(),
    eventsLineCount: run.events.count(),
    logLineCount: run.console.count(),
    user: () => authorObject(context, run.person ?? run.account),
    project: () => projectObject(context, run.project),
    ...metricFields(run),
    ...fileFields(context, run),
    outputArtifacts: (page: { after?: string; first?: number }) => {
      const { artifacts } = context.runs;
      const own = artifacts.list().filter((one) => one.project === run.project && one.run === run.name);
      return pageOf(own, page, (artifact) => linkedArtifact(context, artifact));
    },
  };
}

/** Returns a `User` for someone who may have left since. */
function authorObject(context: RequestContext, { username, name }: RunAuthor) {
  const user = context.state.users.find((one) => one.username === username);
  return user ? userObject(context, user) : { id: wireId('User', username), username, name };
}
