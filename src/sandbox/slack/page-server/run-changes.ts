import type {
  ChartSeries,
  ChartsChange,
  ConsoleChange,
  Excerpt,
  RunChanges,
  RunList,
  RunListEvent,
  RunPage,
  RunPath,
  ShownLine,
} from '../protocol/runs-protocol.ts';

const keyOf = ({ entity, project, run }: RunPath) => JSON.stringify([entity, project, run]);

/** Creates a function that returns what changed in a list since its last call, or undefined. */
export function createListChanges(): (list: RunList) => RunListEvent | undefined {
  let sent: { teams: string; projects: string; rows: Map<string, string> } | undefined;
  return ({ teams, projects, runs }) => {
    const before = sent;
    const now = {
      teams: JSON.stringify(teams),
      projects: JSON.stringify(projects),
      rows: new Map(runs.map((row) => [keyOf(row), JSON.stringify(row)])),
    };
    sent = now;
    const removed = [...(before?.rows.keys() ?? [])].filter((key) => !now.rows.has(key));
    const event: RunListEvent = {
      type: 'runs',
      isWhole: before === undefined,
      ...(now.teams !== before?.teams && { teams }),
      ...(now.projects !== before?.projects && { projects }),
      runs: runs.filter((row) => now.rows.get(keyOf(row)) !== before?.rows.get(keyOf(row))),
      removed: removed.map(pathOf),
    };
    const isNews =
      event.isWhole || event.teams || event.projects || event.runs.length > 0 || removed.length > 0;
    return isNews ? event : undefined;
  };
}

function pathOf(key: string): RunPath {
  const [entity = '', project = '', run = ''] = JSON.parse(key) as string[];
  return { entity, project, run };
}

/** Creates a function that returns what changed on a run's page since its last call, or undefined. */
export function createPageChanges(): (page: RunPage) => RunChanges | undefined {
  const sent = new Map<keyof RunPage, string>();
  const charts = createChartChanges();
  const system = createChartChanges();
  const consoleChanges = createConsoleChanges();
  const changed = <Name extends keyof RunPage>(page: RunPage, name: Name) => {
    const text = JSON.stringify(page[name]);
    if (sent.get(name) === text) return {};
    sent.set(name, text);
    return { [name]: page[name] } as Pick<RunPage, Name>;
  };
  return (page) => {
    const ofCharts = charts(page.charts);
    const ofSystem = system(page.system);
    const ofConsole = consoleChanges(page.console);
    const changes: RunChanges = {
      ...changed(page, 'row'),
      ...changed(page, 'about'),
      ...changed(page, 'config'),
      ...changed(page, 'summary'),
      ...changed(page, 'files'),
      ...changed(page, 'artifacts'),
      ...(ofCharts && { charts: ofCharts }),
      ...(ofSystem && { system: ofSystem }),
      ...(ofConsole && { console: ofConsole }),
    };
    return Object.keys(changes).length > 0 ? changes : undefined;
  };
}

function createChartChanges(): (charts: Excerpt<ChartSeries>) => ChartsChange | undefined {
  let sent: Map<string, ChartSeries['points']> | undefined;
  let sentMore = 0;
  return ({ items, more }) => {
    const before = sent;
    const changed = items.flatMap(({ name, points }) => {
      const from = sharedLength(before?.get(name) ?? [], points);
      const isSame = before?.has(name) && from === points.length && before.get(name)?.length === from;
      return isSame ? [] : [{ name, from, points: points.slice(from) }];
    });
    const isSame = before?.size === items.length && sentMore === more && changed.length === 0;
    sent = new Map(items.map(({ name, points }) => [name, points]));
    sentMore = more;
    return isSame ? undefined : { changed, names: items.map(({ name }) => name), more };
  };
}

function sharedLength(before: ChartSeries['points'], now: ChartSeries['points']): number {
  const different = now.findIndex(([x, y], index) => {
    const point = before[index];
    return point === undefined || point[0] !== x || point[1] !== y;
  });
  return different < 0 ? now.length : different;
}

function createConsoleChanges(): (lines: ShownLine[]) => ConsoleChange | undefined {
  let sent: Map<number, string> | undefined;
  let sentFirst = 0;
  return (lines) => {
    const before = sent;
    const first = lines[0]?.number ?? 0;
    const texts = new Map(lines.map((line) => [line.number, JSON.stringify(line)]));
    const changed = lines.filter(({ number }) => before?.get(number) !== texts.get(number));
    // After a resume from the start, later lines are gone.
    const isCleared =
      before !== undefined && [...before.keys()].some((number) => number >= first && !texts.has(number));
    const isSame = before !== undefined && changed.length === 0 && sentFirst === first && !isCleared;
    sent = texts;
    sentFirst = first;
    if (isSame) return undefined;
    return { isWhole: before === undefined || isCleared, first, lines: isCleared ? lines : changed };
  };
}
