const SVG = 'http://www.w3.org/2000/svg';

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
  key: 'M7 8.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7zM9.5 9.5 16 3M13 6l2.5 2.5',
  back: 'M12 4 6 10l6 6',
  person: 'M10 3.5a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM4 17c0-3.5 2.5-5.5 6-5.5s6 2 6 5.5',
} as const;

export type IconName = keyof typeof OUTLINES;

/** A drawing beside words; hidden from screen readers, which read the words. */
export function icon(name: IconName): SVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 20 20');
  svg.setAttribute('class', `icon icon-${name}`);
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', OUTLINES[name]);
  svg.append(path);
  return svg;
}
