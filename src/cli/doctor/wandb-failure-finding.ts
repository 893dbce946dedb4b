import type { WandbFailure } from '../../backends/wandb/client/wandb-failure.ts';
import { type Finding, plainText } from './finding.ts';

/** Codes of Node and OpenSSL for a certificate of an unknown authority. */
const UNTRUSTED = /^(?:UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|CERT_UNTRUSTED|INVALID_CA)/;
const HANDSHAKE = /^(?:CERT_|CRL_|HOSTNAME_MISMATCH|INVALID_PURPOSE|ERR_TLS_|ERR_SSL_|EPROTO)/;
const DNS = /^(?:ENOTFOUND|EAI_[A-Z]+)$/;

/** How the person chose the server and the key, and what to run again. */
interface WandbCallNames {
  url: string;
  key: string;
  command: string;
}

const BACKEND_NAMES: WandbCallNames = { url: 'WANDB_BASE_URL', key: 'WANDB_API_KEY', command: 'doctor' };

/** Returns why a call to the W&B server failed, and what to do. */
export function wandbFailureFinding(failure: WandbFailure, names = BACKEND_NAMES): Finding {
  const address = `Check ${names.url}: it must be the URL that the SDK uses, including its path.`;
  const again = `Run ${names.command} again. If it persists, check the logs of the W&B server.`;
  const problem = (text: string, remedy: string, subject = 'W&B server'): Finding => ({
    mark: 'problem',
    subject,
    text,
    remedy,
  });
  switch (failure.reason) {
    case 'unreachable':
      return problem(...unreachable(failure.code, names.url));
    case 'connection_lost':
      return problem(`it closed the connection (${failure.code})`, again);
    case 'timed_out':
    case 'cancelled':
      return problem('timed out', 'Check the network, HTTPS_PROXY, and the health of the server.');
    case 'redirected':
      return problem(`it redirects to ${plainText(failure.host ?? 'another host')}`, address);
    case 'not_json':
    case 'unexpected_shape':
    case 'too_large':
      return problem(
        'the response isn’t from a W&B server: it may come from a sign-in page, a proxy or another program',
        `${address} A proxy in front of the server must forward /graphql without its own sign-in.`,
      );
    case 'not_found':
      return problem('it has no /graphql (404)', address);
    case 'unauthorized':
      return problem(
        `the server doesn’t accept ${names.key} (401)`,
        'Copy the whole key again from the user settings in W&B. It may have been deleted there.',
        'W&B credential',
      );
    case 'forbidden':
      return problem(
        withMessage(`the server refuses ${names.key} (403)`, failure.messages),
        'Ask a server admin whether this user is active and can use the API. A firewall may also refuse the request.',
        'W&B credential',
      );
    case 'rate_limited':
      return problem(
        'the server is rate-limiting calls (429)',
        `Wait a minute and run ${names.command} again.`,
      );
    case 'server_error':
      return problem(
        withMessage(`the server returned an internal error (HTTP ${failure.status})`, failure.messages),
        again,
      );
    case 'refused':
      return problem(
        withMessage(`the server refused the call (HTTP ${failure.status})`, failure.messages),
        `${address} ${again}`,
      );
    case 'conflict':
      return problem(withMessage('the server refused the call (HTTP 409)', failure.messages), again);
    case 'errors':
      return problem(
        withMessage('the server refused a query', failure.messages),
        `${address} Its version may be too old for Keysmith, or this user may lack a permission.`,
      );
  }
}

function unreachable(code: string, url: string): [text: string, remedy: string] {
  const [, proxyStatus] = /^PROXY_(\d+)$/.exec(code) ?? [];
  if (proxyStatus !== undefined || code === 'UND_ERR_PRX_TLS') {
    const text = `the proxy in HTTPS_PROXY refused the connection (${proxyStatus ?? code})`;
    return [text, 'Check HTTPS_PROXY (for 407, its user and password), or add the host to NO_PROXY.'];
  }
  if (DNS.test(code)) {
    return [
      `its host name can’t be resolved (${code})`,
      `Check the host in ${url}, and the DNS of this machine.`,
    ];
  }
  if (UNTRUSTED.test(code)) {
    return [
      `its certificate is signed by an authority that this machine doesn’t trust (${code})`,
      'Set NODE_EXTRA_CA_CERTS to the file with that authority’s certificate (PEM). Set it in the environment: Node doesn’t read it from .env.',
    ];
  }
  if (HANDSHAKE.test(code)) {
    return [
      `the TLS connection failed (${code})`,
      `Check its certificate (expiry and host names), and that the port in ${url} uses HTTPS.`,
    ];
  }
  return [
    `can’t be reached (${code})`,
    `Check the host and port in ${url}, the network, HTTPS_PROXY and NO_PROXY.`,
  ];
}

/** Appends the server's first message, which the client has cleaned and truncated. */
function withMessage(text: string, messages: readonly string[]): string {
  const [first] = messages;
  return first === undefined ? text : `${text}: ${first}`;
}
