import { WandbError } from '../../../permissions.ts';
import { isRecord, jsonObject, type Run, runState } from '../../../runs/run.ts';
import { plainConfig } from '../../../runs/run-metrics.ts';

interface Selection {
  /** W&B's filter language, JSON: `{"state":"finished","config.lr":{"$gt":0.1}}`. */
  filters: string | null | undefined;
  /** `+created_at`, `-summary_metrics.loss`. */
  order: string | null | undefined;
  nowMs: number;
}

/** Filters and orders runs. A filter that the local server doesn't know is refused instead of returning wrong runs. */
export function selectRuns(runs: readonly Run[], { filters, order, nowMs }: Selection): Run[] {
  const filter = filters ? jsonObject(filters) : {};
  if (!filter) throw new WandbError('invalid filters', { status: 400 });
  const key = order?.replace(/^[+-]/, '') || 'created_at';
  const direction = order?.startsWith('+') ? 1 : -1;
  return runs
    .filter((run) => matches(run, filter, nowMs))
    .map((run, index) => ({ run, index, value: fieldOf(run, key, nowMs) }))
    .sort((a, b) => direction * (compare(a.value, b.value) || a.index - b.index))
    .map(({ run }) => run);
}

const MAX_DEPTH = 10;

function matches(run: Run, filter: Record<string, unknown>, nowMs: number, depth = 0): boolean {
  if (depth > MAX_DEPTH) throw new WandbError('invalid filters', { status: 400 });
  return Object.entries(filter).every(([key, wanted]) => {
    if (key === '$and' || key === '$or') {
      const parts = Array.isArray(wanted) ? wanted.filter(isRecord) : [];
      const holds = (part: Record<string, unknown>) => matches(run, part, nowMs, depth + 1);
      return key === '$and' ? parts.every(holds) : parts.some(holds);
    }
    const value = fieldOf(run, key, nowMs);
    if (!isRecord(wanted)) return holdsFor(value, '$eq', wanted);
    return Object.entries(wanted).every(([operator, operand]) => holdsFor(value, operator, operand));
  });
}

function holdsFor(value: unknown, operator: string, operand: unknown): boolean {
  const values = Array.isArray(value) ? value : [value];
  switch (operator) {
    case '$eq':
      return values.includes(operand);
    case '$ne':
      return !values.includes(operand);
    case '$in':
      return Array.isArray(operand) && operand.some((one) => values.includes(one));
    case '$nin':
      return !(Array.isArray(operand) && operand.some((one) => values.includes(one)));
    case '$exists':
      return (value !== undefined && value !== null) === Boolean(operand);
    case '$gt':
      return compare(value, operand) > 0;
    case '$gte':
      return compare(value, operand) >= 0;
    case '$lt':
      return compare(value, operand) < 0;
    case '$lte':
      return compare(value, operand) <= 0;
    default:
      throw new WandbError(`the local W&B server can't filter runs by ${operator}`, { status: 400 });
  }
}

function compare(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : Number(a > b);
  return Number(a !== undefined && a !== null) - Number(b !== undefined && b !== null);
}

function fieldOf(run: Run, key: string, nowMs: number): unknown {
  const [first = '', ...rest] = key.split('.');
  switch (first) {
    case 'createdAt':
    case 'created_at':
      return new Date(run.createdAtMs).toISOString();
    case 'heartbeatAt':
    case 'heartbeat_at':
      return new Date(run.heartbeatAtMs).toISOString();
    case 'displayName':
    case 'display_name':
      return run.displayName;
    case 'name':
      return run.name;
    case 'state':
      return runState(run, nowMs);
    case 'group':
      return run.group;
    case 'jobType':
      return run.jobType;
    case 'tags':
      return [...run.tags];
    case 'username':
      return (run.person ?? run.account).username;
    case 'config':
      return plainConfig(run)[rest[0] ?? ''];
    case 'summary_metrics':
    case 'summaryMetrics':
      return jsonObject(run.summary)?.[rest.join('.')];
    default:
      throw new WandbError(`the local W&B server can't filter or order runs by ${first.slice(0, 40)}`, {
        status: 400,
      });
  }
}
