/** A reference in angle brackets, or a bare URL. */
export type MrkdwnReference =
  | { type: 'text'; text: string }
  | { type: 'link'; url: string; label: string }
  | { type: 'user'; id: string }
  | { type: 'channel'; id: string; label?: string }
  | { type: 'usergroup'; id: string; label?: string }
  | { type: 'broadcast'; range: 'here' | 'channel' | 'everyone' }
  | {
      type: 'date';
      timestampSeconds: number;
      format: string;
      fallback: string;
      url?: string;
    };

type Match = { node: MrkdwnReference; end: number };

/** Returns the URL if it is http or https and may be linked to, else undefined. */
export function safeUrl(url: string): string | undefined {
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) return undefined;
  const { protocol } = new URL(url);
  return protocol === 'http:' || protocol === 'https:' ? url : undefined;
}

/** Matches a reference in angle brackets at `at`; undefined if Slack doesn't know its content. */
export function matchReference(text: string, at: number): Match | undefined {
  const sticky = /<([^<>\n]+)>/y;
  sticky.lastIndex = at;
  const found = sticky.exec(text);
  const content = found?.[1];
  if (!found || content === undefined) return undefined;
  const bar = content.indexOf('|');
  const target = bar < 0 ? content : content.slice(0, bar);
  const label = bar < 0 ? undefined : unescapeEntities(content.slice(bar + 1)) || undefined;
  const node = readReference(target, label);
  return node && { node, end: at + found[0].length };
}

function readReference(target: string, label: string | undefined) {
  const labelled = label === undefined ? {} : { label };
  const user = /^@([UW][A-Z0-9]+)$/.exec(target)?.[1];
  if (user !== undefined) return { type: 'user', id: user } as const;
  const channel = /^#([CGD][A-Z0-9]+)$/.exec(target)?.[1];
  if (channel !== undefined) return { type: 'channel', id: channel, ...labelled } as const;
  if (target.startsWith('!')) return readSpecial(target.slice(1), label);
  const address = unescapeEntities(target);
  const url = safeUrl(address);
  if (url !== undefined) return { type: 'link', url, label: label ?? url } as const;
  // The page links to http and https only, so an email address stays plain text.
  if (/^mailto:/i.test(address))
    return {
      type: 'text',
      text: label ?? address.slice('mailto:'.length),
    } as const;
  return undefined;
}

function readSpecial(special: string, label: string | undefined): MrkdwnReference | undefined {
  if (special === 'here' || special === 'channel' || special === 'everyone') {
    return { type: 'broadcast', range: special };
  }
  const group = /^subteam\^([A-Z0-9]+)$/.exec(special)?.[1];
  if (group !== undefined) return { type: 'usergroup', id: group, ...(label ? { label } : {}) };
  const [kind, seconds, format, link] = special.split('^');
  if (kind !== 'date' || seconds === undefined || format === undefined || !/^\d{1,12}$/.test(seconds)) {
    return undefined;
  }
  const url = link === undefined ? undefined : safeUrl(unescapeEntities(link));
  return {
    type: 'date',
    timestampSeconds: Number(seconds),
    format: unescapeEntities(format),
    fallback: label ?? '',
    ...(url === undefined ? {} : { url }),
  };
}

/** Matches a bare URL at `at`, without trailing punctuation. */
export function matchBareUrl(text: string, at: number): Match | undefined {
  const sticky = /https?:\/\/(?:(?!&[lg]t;)[^\s<>`|])+/y;
  sticky.lastIndex = at;
  const found = sticky.exec(text)?.[0].replace(/[.,;:!?)\]}'"*_~]+$/, '');
  if (found === undefined) return undefined;
  const url = safeUrl(unescapeEntities(found));
  return url === undefined ? undefined : { node: { type: 'link', url, label: url }, end: at + found.length };
}

/** Undoes Slack's escaping: exactly these three entities, each once. */
export function unescapeEntities(text: string): string {
  return text.replace(/&(amp|lt|gt);/g, (_, name) => (name === 'amp' ? '&' : name === 'lt' ? '<' : '>'));
}

/** Escapes typed text as Slack's client does, so that it contains no markup. */
export function escapeEntities(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
