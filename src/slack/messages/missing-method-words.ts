import type { Backend, BackendFeatures } from '../../application/ports/backend.ts';

type Missing<Feature extends { available: boolean }> =
  Extract<Feature, { available: false }> extends {
    reason: infer Reason;
  }
    ? Reason
    : never;

/** Why *Generate API key* is not offered. Markup. */
export function apiKeysMissingWords(reason: Missing<BackendFeatures['apiKeys']>): string {
  switch (reason) {
    case 'no_key_shown':
      return '*Generate API key* is not offered: this W&B server keeps new keys to itself, so Keysmith has none to hand over.';
    case 'not_supported':
      return '*Generate API key* is not offered: this W&B server does not let Keysmith make such accounts and take them back.';
  }
}

/** Why *Federated identity* is not offered. Markup. */
export const federatedMissingWords =
  '*Federated identity* is not offered: this W&B server has none, or it is switched off there.';

/** Why no federated account can be made for now, though the server has them. Markup. */
export function noIssuerWords(administeredIn: Backend['administeredIn'] | undefined): string {
  const where = administeredIn === 'wandb' ? 'registers it in W&B' : 'adds it to the teams file';
  return `:warning: No issuer of JWTs is registered for this organization yet. An organization admin ${where}; until then no federated account can be made.`;
}
