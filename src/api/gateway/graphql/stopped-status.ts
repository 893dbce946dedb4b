import type { AsksStopped } from './guarded-operation.ts';
import type { SelectedField, SelectedOperation } from './selected-fields.ts';

type StoppedRun = Omit<AsksStopped, 'answer'>;

/**
 * Recognizes an operation that asks nothing but whether one run should stop: `RunStoppedStatus`, which SDKs poll. Returns undefined
 * for every other.
 */
export function readAsksStopped({
  isMutation,
  isConditional,
  fields,
}: SelectedOperation): AsksStopped | undefined {
  if (isMutation || isConditional) return undefined;
  const runs = new Map<string, StoppedRun>();
  let asks = false;

  const runValue = (name: string, run: string): unknown => {
    if (name === 'stopped') asks = true;
    if (name === 'stopped') return true;
    if (name === 'name') return run;
    return name === '__typename' ? 'Run' : undefined;
  };

  const projectValue = (field: SelectedField, project: SelectedField): unknown => {
    if (field.name === '__typename') return 'Project';
    const run = textOf(field.arguments.name);
    if ((field.name !== 'run' && field.name !== 'bucket') || run === undefined) return undefined;
    const { name, entityName } = project.arguments;
    const target = { entity: textOf(entityName), project: textOf(name), run };
    runs.set(JSON.stringify(target), target);
    return answerOf(field.selections, (inner) => runValue(inner.name, run));
  };

  const data = answerOf(fields, (field) => {
    if (field.name === '__typename') return 'Query';
    if (field.name !== 'project' && field.name !== 'model') return undefined;
    return answerOf(field.selections, (inner) => projectValue(inner, field));
  });
  const [target] = runs.values();
  if (!asks || data === undefined || target === undefined || runs.size > 1) return undefined;
  return { ...target, answer: { data } };
}

/** Returns undefined if one of the fields has no value, or shares its key with another. */
function answerOf(
  fields: readonly SelectedField[],
  read: (field: SelectedField) => unknown,
): Record<string, unknown> | undefined {
  const entries = new Map(fields.map((field) => [field.responseKey, read(field)]));
  const isWhole = entries.size === fields.length && ![...entries.values()].includes(undefined);
  return isWhole ? Object.fromEntries(entries) : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
