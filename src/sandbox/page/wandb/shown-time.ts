import { useEffect, useState } from 'react';
import type { RunRow } from '../../slack/protocol/runs-protocol.ts';

/** Returns a duration as W&B writes it: `45s`, `2m 5s`, `1h 3m 20s`, `2d 3h 4m`. */
export function formatDuration(seconds: number): string {
  const whole = Number.isFinite(seconds) ? Math.max(0, Math.floor(seconds)) : 0;
  const parts: [number, string][] = [
    [Math.floor(whole / 86_400), 'd'],
    [Math.floor(whole / 3600) % 24, 'h'],
    [Math.floor(whole / 60) % 60, 'm'],
    [whole % 60, 's'],
  ];
  const first = Math.max(
    0,
    parts.findIndex(([count]) => count > 0),
  );
  if (whole === 0) return '0s';
  return parts
    .slice(first, first + 3)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count}${unit}`)
    .join(' ');
}

/** Returns how long ago something was: `just now`, `5m ago`, `3d ago`. */
export function formatAge(thenMs: number, nowMs: number): string {
  const seconds = Math.floor((nowMs - thenMs) / 1000);
  if (!(seconds >= 10)) return 'just now';
  return `${formatDuration(seconds).split(' ')[0]} ago`;
}

/** Returns a date and time in the reader's own way; empty for one that no calendar has. */
export function formatTime(atMs: number): string {
  const date = new Date(atMs);
  if (Number.isNaN(date.getTime())) return '';
  return date.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
}

export function formatBytes(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB'];
  let size = bytes;
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? size : size.toFixed(1)}${units[unit]}`;
}

/** Returns the runtime of a run, which grows while it runs. */
export function runtimeSeconds({ runtimeSeconds, createdAtMs }: RunRow, nowMs: number): number {
  return runtimeSeconds ?? (nowMs - createdAtMs) / 1000;
}

/** Returns the time, each second while the component is mounted. */
export function useNow(): number {
  const [nowMs, setNowMs] = useState(Date.now);
  useEffect(() => {
    const timer = window.setInterval(() => setNowMs(Date.now()), 1000);
    return () => window.clearInterval(timer);
  }, []);
  return nowMs;
}
