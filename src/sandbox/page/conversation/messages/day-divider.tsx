import { relativeDay } from '../../mrkdwn/slack-date.ts';

export function DayDivider({ day }: { day: Date }) {
  return (
    <div className="day">
      <span>{nameOf(day)}</span>
    </div>
  );
}

function nameOf(day: Date): string {
  const relative = relativeDay(day, new Date());
  if (relative !== undefined) return relative[0]?.toUpperCase() + relative.slice(1);
  return new Intl.DateTimeFormat(undefined, { weekday: 'long', month: 'long', day: 'numeric' }).format(day);
}
