const TOKENS: Readonly<Record<string, Intl.DateTimeFormatOptions>> = {
  date_num: { year: 'numeric', month: '2-digit', day: '2-digit' },
  date: { year: 'numeric', month: 'long', day: 'numeric' },
  date_short: { year: 'numeric', month: 'short', day: 'numeric' },
  date_long: {
    weekday: 'long',
    year: 'numeric',
    month: 'long',
    day: 'numeric',
  },
  time: { hour: 'numeric', minute: '2-digit' },
  time_secs: { hour: 'numeric', minute: '2-digit', second: '2-digit' },
};

/**
 * Formats tokens such as `{date_short} at {time}` in the browser's time zone and language. `_pretty` tokens become
 * today, yesterday or tomorrow where possible; unknown tokens stay as they are.
 *
 * https://docs.slack.dev/messaging/formatting-message-text#date-formatting
 */
export function formatSlackDate(timestampSeconds: number, format: string, now: Date): string {
  const date = new Date(timestampSeconds * 1_000);
  if (Number.isNaN(date.getTime())) return format;
  return format.replace(/\{([a-z_]+)\}/g, (token, name: string) => {
    if (name.endsWith('_pretty') || name === 'ago') {
      const relative = relativeDay(date, now);
      if (relative !== undefined) return relative;
    }
    const options = TOKENS[name === 'ago' ? 'date' : name.replace(/_pretty$/, '')];
    return options ? new Intl.DateTimeFormat(undefined, options).format(date) : token;
  });
}

export function relativeDay(date: Date, now: Date): string | undefined {
  const days = Math.round((startOfDay(date) - startOfDay(now)) / 86_400_000);
  return { '-1': 'yesterday', 0: 'today', 1: 'tomorrow' }[days];
}

function startOfDay(date: Date): number {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}
