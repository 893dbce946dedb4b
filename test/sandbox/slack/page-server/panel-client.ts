import type {
  Controls,
  Exchange,
  PanelEvent,
} from '../../../../src/sandbox/slack/protocol/panel-protocol.ts';
import type { DrivenSlack } from '../../../driver/driven-slack.ts';
import { ask, listen, post } from './page-client.ts';

export async function controlsOf(slack: DrivenSlack): Promise<Controls> {
  return (await ask(slack, '/sandbox/panel/controls')).json as unknown as Controls;
}

export async function trafficOf(slack: DrivenSlack): Promise<Exchange[]> {
  return (await ask(slack, '/sandbox/panel/traffic')).json as unknown as Exchange[];
}

/** Uses one of the panel's switches, and gives how they all stand then. */
export async function turn(slack: DrivenSlack, what: string, body: unknown): Promise<Controls> {
  const { status, json } = await post(slack, `/sandbox/panel/${what}`, body);
  if (status !== 200) throw new Error(`Refused: ${JSON.stringify(json)}`);
  return json as unknown as Controls;
}

/** Opens the panel's stream of events. */
export async function watch(slack: DrivenSlack) {
  const stream = await listen<PanelEvent>(slack, '/sandbox/panel/events');
  return {
    ...stream,
    /** Reads on to the first exchange that fits. */
    async exchange(fits: (exchange: Exchange) => boolean): Promise<Exchange> {
      const isWanted = (event: PanelEvent) => event.type === 'exchange' && fits(event.exchange);
      return (await stream.until((event): event is PanelEvent & { type: 'exchange' } => isWanted(event)))
        .exchange;
    },
    /** Reads on to the first controls that fit. */
    async controls(fits: (controls: Controls) => boolean): Promise<Controls> {
      const isWanted = (event: PanelEvent) => event.type === 'controls' && fits(event.controls);
      return (await stream.until((event): event is PanelEvent & { type: 'controls' } => isWanted(event)))
        .controls;
    },
  };
}
