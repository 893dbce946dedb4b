import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { UnreadableSigningKeyError } from '../../application/authority/signing-keys.ts';
import { createFederatedCredentials } from '../../application/gateway/federated-credentials.ts';
import { createFederationIssuer } from '../../application/gateway/federation-issuer.ts';
import type { FederatedCredentials } from '../../application/gateway/upstream-credential.ts';
import { createJwtExchange } from '../../backends/wandb/client/jwt-exchange.ts';
import { createSealer, deriveKey } from '../../domain/keys/sealed.ts';
import type { OpenedUpstream } from './open-upstream.ts';

/** `none`: the settings don't use identity federation. `not_ready`: Keysmith's signing key can't be used; `text` says why and what to do. */
export type OpenedFederation =
  | { kind: 'none' }
  | {
      kind: 'ready';
      federated: FederatedCredentials;
      /** Returns why the team's last exchange failed. Contains no secret. */
      causeOf(teamName: string): string | undefined;
    }
  | { kind: 'not_ready'; text: string };

/**
 * Opens identity federation for one command. Signs with the stored keys only: a command creates none, because W&B reads a key a day
 * before it signs.
 *
 * @throws StoreUnavailableError
 */
export async function openFederation({ config, store, ask }: OpenedUpstream): Promise<OpenedFederation> {
  const { gateway, publicUrl = '', organizationName, secret } = config;
  if (gateway.auth !== 'federation') return { kind: 'none' };
  if ((await store.signingKeys('federation')).length === 0) {
    const text =
      'Keysmith has no signing key for W&B yet. It creates one when it starts with these settings.';
    return { kind: 'not_ready', text };
  }
  const { now, monotonicMs, fetch, timeoutMs } = ask;
  const logger = pino({ level: 'silent' });
  const refuse = () => Promise.reject(new Error('A command creates and deletes no signing keys.'));
  const issuer = createFederationIssuer({
    store: {
      signingKeys: store.signingKeys,
      insertSigningKey: refuse,
      deleteRetiredSigningKeys: refuse,
    },
    sealer: createSealer(deriveKey(secret.reveal(), 'federation-key'), 'federation-key-1'),
    issuerUrl: () => publicUrl,
    organizationName,
    newId: (prefix) => `${prefix}_${randomUUID()}`,
    now,
    monotonicMs,
    logger,
  });
  try {
    await issuer.open();
  } catch (error) {
    if (!(error instanceof UnreadableSigningKeyError)) throw error;
    return { kind: 'not_ready', text: error.message };
  }
  const causes = new Map<string, string>();
  const note = ({ team, cause }: { team?: string; cause?: string }) => {
    if (team !== undefined && cause !== undefined) causes.set(team, cause);
  };
  const federated = createFederatedCredentials({
    issuer,
    exchange: createJwtExchange({ baseUrl: gateway.upstreamUrl, fetch, now, timeoutMs }),
    count: () => {},
    monotonicMs,
    logger: { info: note, warn: note, debug: note },
  });
  return { kind: 'ready', federated, causeOf: (teamName) => causes.get(teamName) };
}
