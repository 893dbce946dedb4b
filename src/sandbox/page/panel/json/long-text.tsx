import { useState } from 'react';

const SHOWN = 240;

/** Cut until all of it is asked for. */
export function LongText({ text, mark = '' }: { text: string; mark?: string }) {
  const [isWhole, setWhole] = useState(false);
  if (text.length <= SHOWN) return `${mark}${text}${mark}`;
  return (
    <>
      {mark}
      {isWhole ? text : `${text.slice(0, SHOWN)}…`}
      {mark}{' '}
      <button type="button" className="json-more" aria-expanded={isWhole} onClick={() => setWhole(!isWhole)}>
        {isWhole ? 'Show less' : `Show all (${text.length.toLocaleString('en')} characters)`}
      </button>
    </>
  );
}
