import type { ReactNode } from 'react';
import { ProgressBar } from 'react-aria-components';

/** Stroked outlines on a 20 × 20 grid. */
const OUTLINES = {
  hash: 'M8 3 6.5 17M13.5 3 12 17M3.5 7.5h13.5M3 12.5h13.5',
  lock: 'M5 9h10v8H5zM7 9V6.5a3 3 0 0 1 6 0V9',
  eye: 'M2 10s3-5.5 8-5.5 8 5.5 8 5.5-3 5.5-8 5.5S2 10 2 10zM10 7.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5z',
  cross: 'M5 5l10 10M15 5 5 15',
  send: 'M3 3.5 17 10 3 16.5 4.5 10zM4.5 10H11',
  menu: 'M3 5.5h14M3 10h14M3 14.5h14',
  copy: 'M7 7h9v10H7zM4 13V3h9v1.5',
  check: 'M4 10.5 8.5 15 16 6',
  warning: 'M10 3 18 17H2zM10 8v4M10 14.2v.6',
  information: 'M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM10 9.2v4.3M10 6.3v.6',
  key: 'M7 8.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7zM9.5 9.5 16 3M13 6l2.5 2.5',
  back: 'M12 4 6 10l6 6',
  person: 'M10 3.5a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM4 17c0-3.5 2.5-5.5 6-5.5s6 2 6 5.5',
  people:
    'M7.5 4a2.7 2.7 0 1 0 0 5.4 2.7 2.7 0 0 0 0-5.4zM2 16.5c0-3.2 2.2-5 5.5-5s5.5 1.8 5.5 5M13 4.3a2.7 2.7 0 0 1 0 4.8M15 11.9c2 .6 3 2.2 3 4.6',
  home: 'M3 9.5 10 3.5l7 6M5 8v8.5h3.8V12h2.4v4.5H15V8',
  message: 'M3 4.5h14v9.5H9l-4 3.2V14H3z',
  plus: 'M10 4v12M4 10h12',
  minus: 'M4 10h12',
  search: 'M9 4a5 5 0 1 0 0 10A5 5 0 0 0 9 4zM12.7 12.7 17 17',
  calendar: 'M3.5 5h13v11.5h-13zM3.5 8.5h13M7 3v3.5M13 3v3.5',
  clock: 'M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM10 6v4.2l2.8 1.8',
  more: 'M10 4.5v.01M10 10v.01M10 15.5v.01',
  'more-horizontal': 'M4.5 10h.01M10 10h.01M15.5 10h.01',
  'chevron-up': 'm5 12.5 5-5 5 5',
  'chevron-down': 'm5 7.5 5 5 5-5',
  'chevron-left': 'm12.5 5-5 5 5 5',
  'chevron-right': 'm7.5 5 5 5-5 5',
  download: 'M10 3v9M6 8.5l4 4 4-4M3.5 16.5h13',
  'external-link': 'M8.5 5H4v11h11v-4.5M11 3.5h5.5V9M16 4l-7 7',
  lightning: 'M11.5 2.5 4.5 11.5h5l-1 6 7-9h-5z',
  code: 'M7 5.5 2.5 10 7 14.5M13 5.5l4.5 4.5-4.5 4.5',
  reply: 'M8 5 3 10l5 5M3.5 10H12c3 0 5 1.8 5 5.5',
  refresh: 'M16 5v4h-4M15.6 8.8A6 6 0 1 0 16 11.5',
  play: 'M6 4v12l10-6z',
  pause: 'M7 4.5v11M13 4.5v11',
  trash: 'M4 5.5h12M8 5.5V3.5h4v2M5.5 5.5l.8 11h7.4l.8-11M8.5 8.5v5M11.5 8.5v5',
  settings:
    'M10 7.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5zM10 2.5v2.2M10 15.3v2.2M2.5 10h2.2M15.3 10h2.2M4.7 4.7l1.6 1.6M13.7 13.7l1.6 1.6M15.3 4.7l-1.6 1.6M6.3 13.7l-1.6 1.6',
} as const;

export type IconName = keyof typeof OUTLINES;

/** Decoration beside text, hidden from screen readers. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg className={`icon icon-${name}`} viewBox="0 0 20 20" aria-hidden="true">
      <path d={OUTLINES[name]} />
    </svg>
  );
}

export function Spinner({ label }: { label: string }) {
  return <ProgressBar className="spinner" isIndeterminate aria-label={label} />;
}

/** Text for screen readers only. */
export function Unseen({ children }: { children: ReactNode }) {
  return <span className="unseen">{children}</span>;
}
