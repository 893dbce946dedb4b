/** What stands for a secret, or for the rest of one. */
const hidden = '•••';

/** Fields, headers and query parameters whose values are secret whatever they look like. */
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

/** What tells secrets apart without giving one away: its kind, a trigger's first number, where a response URL leads. */
const head = new RegExp(
  [
    String.raw`^(?:(?:bearer|basic)\s+)?`,
    String.raw`(?:x(?:ox[a-z]|app|wfp)-(?=.)|v0=(?=.)|\d+\.(?=\d+\.)`,
    String.raw`|https?:\/\/[^/\s?#@]+\/(?:(?:commands|actions|app)\/[\w-]+\/\d+\/)?(?=.))?`,
  ].join(''),
  'i',
);

/** A character as it is, or as URLs encode it, once or more often. */
const encoded = (character: string, code: string) => `(?:${character}|%(?:25){0,8}${code})`;

/** Repetitions are bounded, so that no text takes long to search. */
const slash = String.raw`(\\{0,64}\/|%(?:25){0,8}2F)`;
const quote = `${encoded(String.raw`\\`, '5C')}{0,64}${encoded('"', '22')}`;
const space = `(?:${encoded(String.raw`\s`, '(?:20|0A)')}|\\+){0,64}`;
const hooks = String.raw`(?:commands|actions|app)\2[\w-]+\2\d+|(?:services|workflows|triggers)\2[\w-]+\2[\w-]+`;
const names = secretNames.join('|');

const shapes: [RegExp, (...found: string[]) => string][] = [
  /** https://docs.slack.dev/authentication/tokens, and what is derived from one. */
  [/(x(?:ox[a-z]|app|wfp)[-.])[\w.%+=/-]+/gi, (_all, kind) => kind + hidden],
  [/(v0=)[0-9a-f]{16,}/gi, (_all, version) => version + hidden],
  /** A `trigger_id`. */
  [/(\d{1,20}\.)\d{1,20}\.[0-9a-f]{16,}/gi, (_all, first) => first + hidden],
  /** Response URLs, the older webhooks, and workflows' triggers, by their paths. */
  [new RegExp(String.raw`(${slash}(?:${hooks})\2)[^\s"'<>|\\?#&]+`, 'gi'), (_all, path) => path + hidden],
  [
    new RegExp(String.raw`((?:${names})${encoded('=', '3D')})([^&\s"'<>|\\#]+)`, 'gi'),
    (_all, name, value) => name + hideSecret(value),
  ],
  /** In JSON that can't be parsed: cut off, or amid other text. */
  [
    new RegExp(
      `(${quote}(?:${names})${quote}${space}${encoded(':', '3A')}${space}${quote})([^"\\\\]+)`,
      'gi',
    ),
    (_all, name, value) => name + hideSecret(value),
  ],
];

/** Leaves of a secret what tells its kind. */
function hideSecret(secret: string): string {
  return (head.exec(secret)?.[0] ?? '') + hidden;
}

function isSecretName(name: string): boolean {
  return secretNames.includes(name.toLowerCase());
}

/** Hides what looks like a secret in plain text. */
function hideShapes(text: string): string {
  return shapes.reduce((shown, [shape, hide]) => shown.replace(shape, hide), text);
}

/** Hides what an expression finds, but for a prefix such as `keysmith_`. */
function hidePattern(text: string, pattern: RegExp): string {
  const everywhere = new RegExp(pattern.source, `${pattern.flags.replaceAll(/[gy]/g, '')}g`);
  return text.replace(everywhere, (secret) =>
    secret === '' ? '' : (/^[a-z]{2,12}[_-](?=.)/i.exec(secret)?.[0] ?? '') + hidden,
  );
}

export interface SecretsToMask {
  /** Secrets that are known as they are, whatever their shape. */
  secrets?: readonly (string | undefined)[];
  /** What others look like. */
  patterns?: readonly RegExp[];
}

export interface SecretMask {
  text(text: string): string;
  /** Of a value as JSON knows them: in every string and every name, also of JSON, forms and URLs inside strings. */
  value(value: unknown): unknown;
}

const deepest = 64;
const tooDeep = '(nested too deeply to be shown)';
/** A shorter one would be found everywhere. */
const shortestSecret = 6;

/**
 * Makes traffic fit to be shown: what is secret becomes `xoxb-•••`, the rest stays readable. JSON inside a string is
 * written anew, without white space; nesting beyond 64 levels is not shown. Secrets that are compressed, encrypted or
 * encoded in another way than JSON, forms and URLs are not found.
 */
export function createSecretMask({ secrets = [], patterns = [] }: SecretsToMask): SecretMask {
  const known = secrets.filter(
    (secret) => secret !== undefined && secret.length >= shortestSecret,
  ) as string[];

  function plainText(text: string): string {
    const unknown = known.reduce((shown, secret) => shown.replaceAll(secret, hideSecret(secret)), text);
    return hideShapes(patterns.reduce(hidePattern, unknown));
  }

  function maskText(text: string, depth: number): string {
    const json = parseJson(text);
    const isForm = /^[^\s=&?{["']+=\S*$/.test(text);
    if ((json !== undefined || isForm) && depth >= deepest) return tooDeep;
    if (json !== undefined) return JSON.stringify(maskValue(json, depth + 1));
    if (isForm) return plainText(maskForm(text, depth));
    const urls = /(?:https?|wss?):\/\/[^\s"'<>|\\]+/gi;
    return plainText(text.replace(urls, (url) => maskUrl(url, depth)));
  }

  function maskUrl(url: string, depth: number): string {
    const start = url.indexOf('?') + 1;
    if (start === 0 || depth >= deepest) return url;
    return url.slice(0, start) + maskForm(url.slice(start), depth);
  }

  /** A pair in which nothing is secret stays encoded as it was. */
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
    if (depth >= deepest) return tooDeep;
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

/** An object, an array or a string; the rest holds no secrets. */
function parseJson(text: string): unknown {
  if (!/^\s*[{["]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
