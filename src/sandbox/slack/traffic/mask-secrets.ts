/** Replaces a secret, or the rest of one. */
const hidden = '•••';

/** Fields, headers and query parameters whose values are always secret. */
const secretNames = [
  'token',
  'access_token',
  'refresh_token',
  'bot_token',
  'app_token',
  'client_secret',
  'signing_secret',
  'password',
  'ticket',
  'authorization',
  'proxy-authorization',
  'cookie',
  'set-cookie',
  'x-slack-signature',
  'trigger_id',
  'interactivity_pointer',
  'response_url',
];

/** The part of a secret that stays visible: its kind, a trigger's first number, the path of a response URL. */
const head = new RegExp(
  [
    String.raw`^(?:(?:bearer|basic)\s+)?`,
    String.raw`(?:x(?:ox[a-z]|app|wfp)-(?=.)|v0=(?=.)|\d+\.(?=\d+\.)`,
    String.raw`|https?:\/\/[^/\s?#@]+\/(?:(?:commands|actions|app)\/[\w-]+\/\d+\/)?(?=.))?`,
  ].join(''),
  'i',
);

/** A character, or its URL encoding, however often it was encoded. */
const encoded = (character: string, code: string) => `(?:${character}|%(?:25){0,8}${code})`;

/** Repetitions are bounded, so that matching takes linear time. */
const slash = String.raw`(\\{0,64}\/|%(?:25){0,8}2F)`;
const quote = `${encoded(String.raw`\\`, '5C')}{0,64}${encoded('"', '22')}`;
const space = `(?:${encoded(String.raw`\s`, '(?:20|0A)')}|\\+){0,64}`;
const hooks = String.raw`(?:commands|actions|app)\2[\w-]+\2\d+|(?:services|workflows|triggers)\2[\w-]+\2[\w-]+`;
const names = secretNames.join('|');

const shapes: [RegExp, (...found: string[]) => string][] = [
  /** Tokens (https://docs.slack.dev/authentication/tokens) and request signatures. */
  [/(x(?:ox[a-z]|app|wfp)[-.])[\w.%+=/-]+/gi, (_all, kind) => kind + hidden],
  [/(v0=)[0-9a-f]{16,}/gi, (_all, version) => version + hidden],
  /** A `trigger_id`. */
  [/(\d{1,20}\.)\d{1,20}\.[0-9a-f]{16,}/gi, (_all, first) => first + hidden],
  /** Response URLs, incoming webhooks and workflow triggers, by their paths. */
  [new RegExp(String.raw`(${slash}(?:${hooks})\2)[^\s"'<>|\\?#&]+`, 'gi'), (_all, path) => path + hidden],
  [
    new RegExp(String.raw`((?:${names})${encoded('=', '3D')})([^&\s"'<>|\\#]+)`, 'gi'),
    (_all, name, value) => name + hideSecret(value),
  ],
  /** Fields in JSON that can't be parsed because it is truncated or within other text. */
  [
    new RegExp(
      `(${quote}(?:${names})${quote}${space}${encoded(':', '3A')}${space}${quote})([^"\\\\]+)`,
      'gi',
    ),
    (_all, name, value) => name + hideSecret(value),
  ],
];

/** Masks a secret except for the part that shows its kind. */
function hideSecret(secret: string): string {
  return (head.exec(secret)?.[0] ?? '') + hidden;
}

function isSecretName(name: string): boolean {
  return secretNames.includes(name.toLowerCase());
}

/** Masks everything in plain text that has the shape of a secret. */
function hideShapes(text: string): string {
  return shapes.reduce((masked, [shape, hide]) => masked.replace(shape, hide), text);
}

/** Masks all matches of an expression, except for a prefix such as `keysmith_`. */
function hidePattern(text: string, pattern: RegExp): string {
  const everywhere = new RegExp(pattern.source, `${pattern.flags.replaceAll(/[gy]/g, '')}g`);
  return text.replace(everywhere, (secret) =>
    secret === '' ? '' : (/^[a-z]{2,12}[_-](?=.)/i.exec(secret)?.[0] ?? '') + hidden,
  );
}

interface SecretsToMask {
  /** Known secrets, whatever their shape. */
  secrets?: readonly (string | undefined)[];
  /** The shapes of further secrets. */
  patterns?: readonly RegExp[];
}

export interface SecretMask {
  text(text: string): string;
  /** Masks every string and field name of a JSON value, including JSON, forms and URLs inside strings. */
  value(value: unknown): unknown;
}

const maximumDepth = 64;
const tooDeep = '(nested too deeply to show)';
/** Shorter secrets would match everywhere. */
const minimumSecretLength = 6;

/**
 * Creates a mask that replaces secrets with `xoxb-•••` and keeps the rest readable. JSON inside a string is
 * reserialized, and nesting beyond 64 levels is left out. It doesn't find secrets that are compressed, encrypted, or
 * encoded other than as JSON, forms and URLs.
 */
export function createSecretMask({ secrets = [], patterns = [] }: SecretsToMask): SecretMask {
  const known = secrets.filter(
    (secret) => secret !== undefined && secret.length >= minimumSecretLength,
  ) as string[];

  function plainText(text: string): string {
    const masked = known.reduce((part, secret) => part.replaceAll(secret, hideSecret(secret)), text);
    return hideShapes(patterns.reduce(hidePattern, masked));
  }

  function maskText(text: string, depth: number): string {
    const json = parseJson(text);
    const isForm = /^[^\s=&?{["']+=\S*$/.test(text);
    if ((json !== undefined || isForm) && depth >= maximumDepth) return tooDeep;
    if (json !== undefined) return JSON.stringify(maskValue(json, depth + 1));
    if (isForm) return plainText(maskForm(text, depth));
    const urls = /(?:https?|wss?):\/\/[^\s"'<>|\\]+/gi;
    return plainText(text.replace(urls, (url) => maskUrl(url, depth)));
  }

  function maskUrl(url: string, depth: number): string {
    const start = url.indexOf('?') + 1;
    if (start === 0 || depth >= maximumDepth) return url;
    return url.slice(0, start) + maskForm(url.slice(start), depth);
  }

  /** Keeps the encoding of pairs that contain no secret. */
  function maskForm(form: string, depth: number): string {
    const maskPair = (pair: string): string => {
      const [[name, value] = ['', '']] = new URLSearchParams(pair);
      const masked = [maskText(name, depth + 1), maskField(name, value, depth + 1)];
      return masked[0] === name && masked[1] === value ? pair : masked.join('=');
    };
    return form.split('&').map(maskPair).join('&');
  }

  function maskField(name: string, value: unknown, depth: number): unknown {
    const isEmpty = value === undefined || value === null || value === '';
    if (isEmpty || !isSecretName(name)) return maskValue(value, depth);
    return hideSecret(typeof value === 'string' ? value : '');
  }

  function maskValue(value: unknown, depth: number): unknown {
    if (typeof value === 'string') return maskText(value, depth);
    if (typeof value !== 'object' || value === null) return value;
    if (depth >= maximumDepth) return tooDeep;
    if (Array.isArray(value)) return value.map((one) => maskValue(one, depth + 1));
    return Object.fromEntries(
      Object.entries(value).map(([name, one]) => [
        maskText(name, depth + 1),
        maskField(name, one, depth + 1),
      ]),
    );
  }

  return { text: (text) => maskText(text, 0), value: (value) => maskValue(value, 0) };
}

/** Parses an object, an array or a string; other JSON values contain no secrets. */
function parseJson(text: string): unknown {
  if (!/^\s*[{["]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
