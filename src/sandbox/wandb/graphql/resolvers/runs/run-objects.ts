import type { Artifact } from '../../../runs/artifact-store.ts';
import {
  isRecord,
  jsonObject,
  type Project,
  type Run,
  type RunAuthor,
  runFileKey,
  runState,
  wireId,
} from '../../../runs/run.ts';
import { consoleLines, historyKeys, historyRows, sampled, systemMetrics } from '../../../runs/run-metrics.ts';
import { entityObject, type RequestContext, userObject } from '../graphql-objects.ts';
import {
  type ArtifactLinks,
  artifactObject,
  membershipObject,
  sequenceObject,
  typeObject,
} from './artifact-objects.ts';
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

function metricFields(run: Run) {
  return {
    wandbConfig: ({ keys }: { keys?: string[] }) => JSON.stringify(wandbConfig(run, keys)),
    systemMetrics: () => JSON.stringify(systemMetrics(run)),
    summaryMetrics: ({ keys }: { keys?: string[] }) =>
      keys ? JSON.stringify(picked(jsonObject(run.summary) ?? {}, keys)) : run.summary,
    historyTail: () => tail(run.history.last()),
    eventsTail: () => tail(run.events.last()),
    historyKeys: () => historyKeys(run),
    history({ samples, minStep, maxStep }: { samples?: number; minStep?: number; maxStep?: number }) {
      const rows = historyRows(run.history).filter(
        ({ step }) => step >= (minStep ?? 0) && step < (maxStep ?? Number.POSITIVE_INFINITY),
      );
      return sampled(rows, samples ?? 500).map(({ text }) => text);
    },
    events: ({ samples }: { samples?: number }) =>
      sampled(historyRows(run.events), samples ?? 500).map(({ text }) => text),
    sampledHistory: ({ specs }: { specs: string[] }) => specs.map((spec) => sampledHistory(run, spec)),
    parquetHistory: ({ liveKeys }: { liveKeys: string[] }) => ({
      parquetUrls: [],
      liveData: rowsWith(run, liveKeys),
    }),
    logLines(page: { first?: number; after?: string; last?: number }) {
      const lines = consoleLines(run);
      const kept = page.last ? lines.slice(-page.last) : lines;
      return pageOf(kept, { after: page.after, first: page.first ?? 1000 }, ({ text, ...line }) => ({
        ...line,
        line: text,
      }));
    },
  };
}

const tail = (line: string | undefined) => JSON.stringify(line === undefined ? [] : [line]);

function sampledHistory(run: Run, spec: string): Record<string, unknown>[] {
  const { keys, samples } = jsonObject(spec) ?? {};
  const wanted = Array.isArray(keys) ? keys.map(String) : [];
  return sampled(rowsWith(run, wanted), typeof samples === 'number' ? samples : 500);
}

/** Returns the rows that have all of the keys, with these keys only; without keys, all rows. */
function rowsWith(run: Run, keys: readonly string[]): Record<string, unknown>[] {
  return historyRows(run.history).flatMap(({ values }) => {
    if (keys.length === 0) return [values];
    return keys.every((key) => key in values) ? [picked(values, keys)] : [];
  });
}

const picked = (values: Record<string, unknown>, keys: readonly string[]) =>
  Object.fromEntries(Object.entries(values).filter(([key]) => keys.includes(key)));

/** Returns W&B's own part of the config: clients see from `t` that a run has really started. */
function wandbConfig(run: Run, keys: string[] | undefined): Record<string, unknown> {
  const own = jsonObject(run.config)?._wandb;
  const value = isRecord(own) && isRecord(own.value) ? own.value : {};
  return keys ? picked(value, keys) : value;
}

function fileFields({ runs: { contents, urls, baseUrl } }: RequestContext, run: Run) {
  const stored = () =>
    [...run.files].flatMap((name) => {
      const content = contents.get(runFileKey(run, name));
      return content ? [{ name, content }] : [];
    });
  return {
    fileCount: () => stored().length,
    files({
      names,
      pattern,
      ...page
    }: {
      names?: string[];
      pattern?: string;
      after?: string;
      first?: number;
    }) {
      const wanted = stored().filter(
        ({ name }) => (!names?.length || names.includes(name)) && (!pattern || isLike(name, pattern)),
      );
      return pageOf(wanted, page, ({ name, content }) => ({
        id: Buffer.from(content.key).toString('base64'),
        name,
        displayName: name,
        url: ({ upload }: { upload?: boolean }) =>
          upload ? urls.sign('PUT', content.key) : fileUrl(baseUrl(), run, name),
        directUrl: () => urls.sign('GET', content.key),
        sizeBytes: content.bytes.length,
        mimetype: content.mimetype,
        updatedAt: dateTime(content.updatedAtMs),
        md5: content.md5,
        digest: content.md5,
      }));
    },
  };
}

/** Matches SQL's LIKE with `%` only. */
function isLike(name: string, pattern: string): boolean {
  const [start = '', ...parts] = pattern.split('%');
  if (!name.startsWith(start)) return false;
  const end = parts.pop();
  if (end === undefined) return name === start;
  let from = start.length;
  for (const part of parts) {
    const found = name.indexOf(part, from);
    if (found < 0) return false;
    from = found + part.length;
  }
  return name.length - end.length >= from && name.endsWith(end);
}

function fileUrl(baseUrl: string, { project, name }: Run, file: string): string {
  const path = [project.entity, project.name, name, ...file.split('/')].map(encodeURIComponent).join('/');
  return `${baseUrl}/files/${path}`;
}

/** Returns a `User` for someone who may have left since. */
function authorObject(context: RequestContext, { username, name }: RunAuthor) {
  const user = context.state.users.find((one) => one.username === username);
  return user ? userObject(context, user) : { id: wireId('User', username), username, name };
}
