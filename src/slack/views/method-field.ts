import type { KnownBlock } from '@slack/types';
import type { AccountFormOffer } from '../../application/open-account-form.ts';
import type { BackendFeatures } from '../../application/ports/backend.ts';
import { apiKeysMissingWords, federatedMissingWords } from '../messages/missing-method-words.ts';
import { option } from '../messages/option.ts';
import { byHandWords } from '../messages/team-page-words.ts';
import type { FieldValues } from './account-form-fields.ts';
import { input } from './input-block.ts';

export type Method = 'api_key' | 'federated';

/** What the form lets somebody choose from, and in words what not. */
interface OfferedMethods {
  methods: Method[];
  /** Why the others are missing. Markup. */
  missing: string[];
}

const LABELS: Record<Method, string> = {
  api_key: 'Generate API key (Built-in)',
  federated: 'Federated identity (External)',
};

/** A method is offered unless the server can't do it; the lack of an issuer is told below the method, once it is chosen. */
export function offeredMethods({
  features,
  teamPage,
}: Pick<AccountFormOffer, 'features' | 'teamPage'>): OfferedMethods {
  const keysMissing = features && !features.apiKeys.available ? features.apiKeys.reason : undefined;
  const isFederatedMissing = features !== undefined && !isFederatedOffered(features);
  return {
    methods: [
      ...(keysMissing === undefined ? ['api_key' as const] : []),
      ...(isFederatedMissing ? [] : ['federated' as const]),
    ],
    missing: [
      ...(keysMissing === undefined ? [] : [`${apiKeysMissingWords(keysMissing)}${byHandWords(teamPage)}`]),
      ...(isFederatedMissing ? [`${federatedMissingWords}${byHandWords(teamPage)}`] : []),
    ],
  };
}

function isFederatedOffered({ federated }: BackendFeatures): boolean {
  return federated.available || federated.reason === 'no_issuer';
}

/** The method that the form shows: the one chosen where it is offered, else the first. */
export function shownMethod({ methods }: OfferedMethods, chosen: string | undefined): Method | undefined {
  return methods.find((method) => method === chosen) ?? methods[0];
}

export function methodField(offered: OfferedMethods, values: FieldValues): KnownBlock[] {
  const options = offered.methods.map((method) => option(method, LABELS[method]));
  const shown = shownMethod(offered, values.method);
  const initial = options.find(({ value }) => value === shown);
  const radio = {
    type: 'radio_buttons' as const,
    options,
    ...(initial && { initial_option: initial }),
  };
  return [
    // Slack says at once which method was chosen, so that the fields below can be swapped.
    { ...input('method', 'Authentication method', radio), dispatch_action: true },
    ...offered.missing.map((text) => ({
      type: 'context' as const,
      elements: [{ type: 'mrkdwn' as const, text }],
    })),
  ];
}
