import './json-tree.css';
import { useState } from 'react';

const OPEN_DEPTH = 2;

/** A collapsible view of JSON, including JSON inside strings. */
export function JsonTree({ value }: { value: unknown }) {
  return (
    <div className="panel-wire json-tree">
      <JsonNode value={value} depth={0} />
    </div>
  );
}

function JsonNode({ name, value, depth }: { name?: string | undefined; value: unknown; depth: number }) {
  const inside = typeof value === 'string' ? parsedJson(value)?.value : undefined;
  const branch = inside ?? value;
  if (typeof branch === 'object' && branch !== null && Object.keys(branch).length > 0) {
    return <Branch value={branch} depth={depth} name={name} isString={inside !== undefined} />;
  }
  return (
    <div className="json-leaf">
      <Name name={name} />
      <Leaf value={value} />
    </div>
  );
}

function Branch({
  name,
  value,
  depth,
  isString,
}: {
  name: string | undefined;
  value: object;
  depth: number;
  isString: boolean;
}) {
  const [isOpen, setOpen] = useState(depth < OPEN_DEPTH);
  const isArray = Array.isArray(value);
  const entries = Object.entries(value);
  return (
    <details open={isOpen} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>
        <Name name={name} />
        {isArray ? '[' : '{'}
        {!isOpen && <span className="json-count">{countText(entries.length, isArray)}</span>}
        {!isOpen && (isArray ? ']' : '}')}
        {isString && <span className="json-count"> JSON in a string</span>}
      </summary>
      {isOpen && (
        <>
          <div className="json-inside">
            {entries.map(([key, inner]) => (
              <JsonNode key={key} value={inner} depth={depth + 1} name={isArray ? undefined : key} />
            ))}
          </div>
          <div className="json-end">{isArray ? ']' : '}'}</div>
        </>
      )}
    </details>
  );
}

function Name({ name }: { name: string | undefined }) {
  return name === undefined ? null : <span className="json-name">{name}: </span>;
}

function Leaf({ value }: { value: unknown }) {
  if (typeof value === 'string') {
    return (
      <span className="json-string">
        <LongText text={value} mark={'"'} />
      </span>
    );
  }
  return <span className="json-literal">{value === undefined ? 'undefined' : JSON.stringify(value)}</span>;
}

function countText(count: number, isArray: boolean): string {
  const noun = isArray ? 'item' : 'field';
  return ` ${count} ${count === 1 ? noun : `${noun}s`} `;
}

const SHORTENED_LENGTH = 240;

/** Text that is shortened until the reader expands it. */
export function LongText({ text, mark = '' }: { text: string; mark?: string }) {
  const [isWhole, setWhole] = useState(false);
  if (text.length <= SHORTENED_LENGTH) return `${mark}${text}${mark}`;
  return (
    <>
      {mark}
      {isWhole ? text : `${text.slice(0, SHORTENED_LENGTH)}…`}
      {mark}{' '}
      <button type="button" className="json-more" aria-expanded={isWhole} onClick={() => setWhole(!isWhole)}>
        {isWhole ? 'Show less' : `Show all (${text.length.toLocaleString('en')} characters)`}
      </button>
    </>
  );
}

/** Parses a JSON object or array; undefined for anything else. */
export function parsedJson(text: string): { value: object } | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}
