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
export function hideSecret(secret: string): string {
  return (head.exec(secret)?.[0] ?? '') + hidden;
}

export function isSecretName(name: string): boolean {
  return secretNames.includes(name.toLowerCase());
}

/** Hides what looks like a secret in plain text. */
export function hideShapes(text: string): string {
  return shapes.reduce((shown, [shape, hide]) => shown.replace(shape, hide), text);
}

/** Hides what an expression finds, but for a prefix such as `keysmith_`. */
export function hidePattern(text: string, pattern: RegExp): string {
  const everywhere = new RegExp(pattern.source, `${pattern.flags.replaceAll(/[gy]/g, '')}g`);
  return text.replace(everywhere, (secret) =>
    secret === '' ? '' : (/^[a-z]{2,12}[_-](?=.)/i.exec(secret)?.[0] ?? '') + hidden,
  );
}
