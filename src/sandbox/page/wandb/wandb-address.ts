import type { RunPath } from '../../slack/protocol/runs-protocol.ts';

export const runTabs = ['charts', 'overview', 'logs', 'files', 'artifacts'] as const;
export type RunTab = (typeof runTabs)[number];

/** What the W&B tab shows. */
export type WandbPlace =
  | { view: 'projects' }
  | { view: 'runs'; entity: string; project: string }
  | { view: 'run'; path: RunPath; tab: RunTab };

/** Reads a path as in W&B's own addresses: `team/project/runs/id/overview`. Falls back to what the path begins with. */
export function readWandbPath(text: string): WandbPlace {
  const [entity, project, page, run, tab] = text.split('/').filter((segment) => segment !== '');
  if (!entity || !project) return { view: 'projects' };
  if (page !== 'runs' || !run) return { view: 'runs', entity, project };
  const known = runTabs.find((one) => one === tab) ?? 'charts';
  return { view: 'run', path: { entity, project, run }, tab: known };
}

export function writeWandbPath(place: WandbPlace): string {
  switch (place.view) {
    case 'projects':
      return '';
    case 'runs':
      return `${place.entity}/${place.project}`;
    case 'run': {
      const { entity, project, run } = place.path;
      return `${entity}/${project}/runs/${run}${place.tab === 'charts' ? '' : `/${place.tab}`}`;
    }
  }
}

/** Names the place for the title of the page. */
export function titleOfPlace(place: WandbPlace): string {
  switch (place.view) {
    case 'projects':
      return 'Projects';
    case 'runs':
      return place.project;
    case 'run':
      return `${place.path.run} · ${place.path.project}`;
  }
}
