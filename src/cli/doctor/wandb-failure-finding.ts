import type { WandbFailure } from '../../backends/wandb/wandb-failure.ts';
import { type Finding, plainText } from './finding.ts';

/** Of Node and OpenSSL, for a certificate that is not trusted because nobody vouches for it. */
const UNTRUSTED = /^(?:UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|CERT_UNTRUSTED|INVALID_CA)/;
const HANDSHAKE = /^(?:CERT_|CRL_|HOSTNAME_MISMATCH|INVALID_PURPOSE|ERR_TLS_|ERR_SSL_|EPROTO)/;
const DNS = /^(?:ENOTFOUND|EAI_[A-Z]+)$/;

const ADDRESS = 'Check WANDB_BASE_URL: the address that the SDK takes, with its path where it has one.';
const AGAIN = 'Run the doctor again; if it stays, look at the logs of the W&B server.';

/** Why the W&B server could not be asked, and what to do. */
export function wandbFailureFinding(failure: WandbFailure): Finding {
  const problem = (text: string, remedy: string, subject = 'W&B server'): Finding => ({
    mark: 'problem',
    subject,
    text,
    remedy,
  });
  switch (failure.reason) {
    case 'unreachable':
      return problem(...unreachable(failure.code));
    case 'connection_lost':
      return problem(`it cut the connection (${failure.code})`, AGAIN);
    case 'timed_out':
    case 'cancelled':
      return problem(
        'it did not answer in time',
        'Check the network, HTTPS_PROXY, and whether the server is well.',
      );
    case 'redirected':
      return problem(`it sends callers on to ${plainText(failure.host ?? 'another address')}`, ADDRESS);
    case 'not_json':
    case 'unexpected_shape':
    case 'too_large':
      return problem(
        'something answers there, but not as a W&B server does: a log-in page, a proxy or another program',
        `${ADDRESS} What stands before the server must pass /graphql on without a log-in of its own.`,
      );
    case 'not_found':
      return problem('something answers there, but it has no /graphql (404)', ADDRESS);
    case 'unauthorized':
      return problem(
        'the server does not know WANDB_API_KEY (401)',
        'Copy the key again, whole, from the user settings of the server’s page; it may have been deleted there.',
        'W&B credential',
      );
    case 'forbidden':
      return problem(
        withWords('the server does not let WANDB_API_KEY in (403)', failure.messages),
        'Ask an admin of the server whether this user is active and may use the API; a firewall before it may refuse, too.',
        'W&B credential',
      );
    case 'rate_limited':
      return problem(
        'the server takes no more calls just now (429)',
        'Wait a minute and run the doctor again.',
      );
    case 'server_error':
      return problem(withWords(`the server failed (HTTP ${failure.status})`, failure.messages), AGAIN);
    case 'refused':
      return problem(
        withWords(`the server refused (HTTP ${failure.status})`, failure.messages),
        `${ADDRESS} ${AGAIN}`,
      );
    case 'conflict':
      return problem(withWords('the server refused (HTTP 409)', failure.messages), AGAIN);
    case 'errors':
      return problem(
        withWords('the server refused to tell about itself', failure.messages),
        `It has to be a W&B server whose schema may be asked for. ${ADDRESS}`,
      );
  }
}

function unreachable(code: string): [text: string, remedy: string] {
  const [, proxyStatus] = /^PROXY_(\d+)$/.exec(code) ?? [];
  if (proxyStatus !== undefined || code === 'UND_ERR_PRX_TLS') {
    const text = `the proxy of HTTPS_PROXY does not let through to it (${proxyStatus ?? code})`;
    return [text, 'Check HTTPS_PROXY (407: its user and password), or put the host into NO_PROXY.'];
  }
  if (DNS.test(code)) {
    return [
      `its host name is not known (${code})`,
      'Check the host in WANDB_BASE_URL, and the DNS of this machine.',
    ];
  }
  if (UNTRUSTED.test(code)) {
    return [
      `its certificate is of an authority that this machine does not trust (${code})`,
      'Set NODE_EXTRA_CA_CERTS to the file with that authority’s certificate (PEM), in the environment: Node does not read it from .env.',
    ];
  }
  if (HANDSHAKE.test(code)) {
    return [
      `no TLS connection can be made to it (${code})`,
      'Check its certificate (its end, its host names) and that the port of WANDB_BASE_URL is one of HTTPS.',
    ];
  }
  return [
    `it can not be reached (${code})`,
    'Check host and port in WANDB_BASE_URL, the network, and HTTPS_PROXY and NO_PROXY.',
  ];
}

/** The server's own words have been cleaned and bounded by the client. */
function withWords(text: string, messages: readonly string[]): string {
  const [first] = messages;
  return first === undefined ? text : `${text}: ${first}`;
}
