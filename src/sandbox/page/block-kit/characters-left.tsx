/** From how many characters before the end on Slack counts down. */
const SHOWN_FROM = 50;

/** Negative when too much is typed: Slack lets people type on, and cut down what they have. */
export function CharactersLeft({ typed, maximum }: { typed: number; maximum: number }) {
  const left = maximum - typed;
  if (left > Math.min(SHOWN_FROM, Math.ceil(maximum / 4))) return null;
  return (
    <span className={left < 0 ? 'characters-left too-many' : 'characters-left'}>
      <span aria-hidden="true">{left}</span>
      <span className="unseen" role="status">
        {left < 0 ? `${-left} characters too many` : `${left} characters left`}
      </span>
    </span>
  );
}
