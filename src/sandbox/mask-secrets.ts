import { hidePattern, hideSecret, hideShapes, isSecretName } from './secret-shapes.ts';

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
