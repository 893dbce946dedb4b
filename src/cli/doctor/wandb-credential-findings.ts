import type { WandbCapabilities } from '../../backends/wandb/client/queries/read-capabilities.ts';
import type { WandbTeam } from '../../backends/wandb/client/queries/read-team.ts';
import type { WandbViewer } from '../../backends/wandb/client/queries/read-viewer.ts';
import type { WandbFailure } from '../../backends/wandb/client/wandb-failure.ts';
import { type Finding, plainText } from './finding.ts';

const SHOWN_TEAMS = 10;

/**
 * Whose key it is, and what that user may.
 *
 * @param teams those of the user that could be read
 * @param asked.lookedAt names of those that were asked for
 */
export function credentialFindings(
  viewer: WandbViewer,
  teams: readonly WandbTeam[],
  asked: { lookedAt: readonly string[] },
): Finding[] {
  const who = plainText(viewer.username ?? viewer.email ?? viewer.id);
  return [
    { mark: 'ok', subject: 'W&B credential', text: `valid, of the user ${who}` },
    rightsFinding(viewer, teams, asked),
  ];
}

export function whoMayFinding(organizationAdmins: readonly string[]): Finding {
  const ofSettings =
    organizationAdmins.length === 0
      ? ''
      : `, and in every team those of KEYSMITH_ORGANIZATION_ADMINS (${organizationAdmins.length})`;
  const text = `the admins of each team, as the server has them at that moment${ofSettings}`;
  return { mark: 'ok', subject: 'Who may', text };
}

function rightsFinding(
  viewer: WandbViewer,
  teams: readonly WandbTeam[],
  { lookedAt }: { lookedAt: readonly string[] },
): Finding {
  const subject = 'W&B credential, rights';
  if (viewer.admin) return { mark: 'ok', subject, text: 'admin of the server: every team' };
  const administered = teams.filter((team) => administers(viewer, team)).map(({ name }) => name);
  const others = lookedAt.filter((name) => !administered.includes(name));
  const remedy =
    'At the server, make this user an admin of each team that Keysmith shall serve, or use the key of an admin of the server.';
  const all = viewer.teams.length;
  const counted = lookedAt.length < all ? ` (${lookedAt.length} of ${all} teams were looked at)` : '';
  if (administered.length === 0) {
    // Where not all were looked at it may be one of another.
    return counted === ''
      ? { mark: 'problem', subject, text: 'the user is an admin of no team: nothing can be made', remedy }
      : { mark: 'warning', subject, text: `the user is an admin of none of its teams${counted}`, remedy };
  }
  const text = `admin of ${shown(administered)}`;
  if (others.length === 0) return { mark: 'ok', subject, text: `${text}${counted}` };
  return { mark: 'warning', subject, text: `${text}; not of ${shown(others)}${counted}`, remedy };
}

function administers({ id }: WandbViewer, { members }: WandbTeam): boolean {
  return members.some(
    (member) =>
      member.id === id && !member.pending && (member.admin || member.role?.toLowerCase() === 'admin'),
  );
}

function shown(names: readonly string[]): string {
  const more = names.length - SHOWN_TEAMS;
  const first = names.slice(0, SHOWN_TEAMS).map(plainText).join(', ');
  return more > 0 ? `${first} and ${more} more` : first;
}

/** The server's name of the organization against KEYSMITH_ORGANIZATION. */
/** Teams whose organization the server has and does not show: they count as another's. */
export function hiddenOrganizationFindings(
  teams: readonly WandbTeam[],
  { organizationOnEntity }: Pick<WandbCapabilities, 'organizationOnEntity'>,
): Finding[] {
  const hidden = teams.filter(({ organization }) => organization === undefined);
  if (!organizationOnEntity || hidden.length === 0) return [];
  return [
    {
      mark: 'warning',
      subject: 'W&B organization',
      text: `the server does not tell this credential whose these teams are, so Keysmith serves none of them: ${shown(hidden.map(({ name }) => name))}`,
      remedy: 'Give the user of the key the right to see the organization of its teams.',
    },
  ];
}

export function organizationFinding(names: readonly string[], expected: string): Finding {
  const subject = 'W&B organization';
  if (names.length === 0) {
    return {
      mark: 'warning',
      subject,
      text: 'the server does not tell this credential its name',
      remedy:
        'See that KEYSMITH_ORGANIZATION is written as on the server’s page: federated JWTs carry it as audience.',
    };
  }
  if (names.includes(expected)) {
    return { mark: 'ok', subject, text: `${plainText(expected)}, as KEYSMITH_ORGANIZATION says` };
  }
  return {
    mark: 'problem',
    subject,
    text: `the server knows ${shown(names)}, and not the name in KEYSMITH_ORGANIZATION`,
    remedy: 'Set KEYSMITH_ORGANIZATION to the name that the server has, letter for letter.',
  };
}

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
    const text = `the proxy in HTTPS_PROXY refused the connection (${proxyStatus ?? code})`;
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
      `its certificate is signed by an authority that this machine doesn’t trust (${code})`,
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
