import { Secret } from '../domain/keys/secret.ts';
import type { ConfigProblem } from './configuration.ts';
import type { Environment } from './setting-reader.ts';

/**
 * Variables that the HTTP client reads itself, in the order in which it prefers them. They aren't in our table of settings,
 * because every program on the machine shares them.
 */
const proxyVariables = [
  ['https_proxy', 'HTTPS_PROXY'],
  ['http_proxy', 'HTTP_PROXY'],
] as const;

/**
 * Checks the URLs of the proxies, which the HTTP client would otherwise refuse with an error that contains them. Returns their
 * passwords, for the logger to mask.
 */
export function checkProxies(env: Environment, problems: ConfigProblem[]): Secret[] {
  return proxyVariables.flatMap((names) => {
    const name = names.find((candidate) => env[candidate] !== undefined);
    const text = name === undefined ? '' : (env[name] ?? '');
    if (name === undefined || text === '') return [];
    const message = proxyProblem(text);
    if (message === undefined) return passwordsOf(text);
    problems.push({ name, message });
    return [];
  });
}

/** Adds a warning for each variable in `.env` that Node or the HTTP client reads from the environment of the process only. */
export function warnOfUnreadVariables(
  values: ReadonlyMap<string, string>,
  env: Environment,
  warnings: ConfigProblem[],
): void {
  for (const name of [...proxyVariables.flat(), 'NODE_EXTRA_CA_CERTS']) {
    if (!values.has(name) || env[name] !== undefined) continue;
    warnings.push({ name, message: 'It has no effect in .env. Set it in the process environment.' });
  }
}

function proxyProblem(text: string): string | undefined {
  if (!/^https?:\/\//i.test(text.trim())) {
    return 'Must be a URL that starts with http:// or https://, such as http://proxy.example.com:3128.';
  }
  // Everything after an unencoded "#", "?", "/" or "\\" would count as another part of the URL.
  const url = /[?#\\]|^https?:\/\/[^/]*\/./i.test(text) ? null : URL.parse(text);
  if (url === null || !isDecodable(url.username) || !isDecodable(url.password)) {
    return 'Must be a URL such as http://user:password@proxy.example.com:3128, without a path. Percent-encode special characters in the user name and password: "#" as %23, "%" as %25, "/" as %2F, "?" as %3F, "@" as %40.';
  }
  return undefined;
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/** Returns the password as written and decoded. */
function passwordsOf(text: string): Secret[] {
  const written = URL.parse(text)?.password ?? '';
  if (written === '') return [];
  const decoded = decodeURIComponent(written);
  return [...new Set([written, decoded])].map((password) => new Secret(password));
}
