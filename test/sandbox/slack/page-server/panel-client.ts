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

/** Changes one of the panel's controls and returns all of them. */
export async function setControl(slack: DrivenSlack, route: string, body: unknown): Promise<Controls> {
  const { status, json } = await post(slack, `/sandbox/panel/${route}`, body);
  if (status !== 200) throw new Error(`Refused: ${JSON.stringify(json)}`);
  return json as unknown as Controls;
}

/** Opens the panel's event stream. */
export async function watchPanel(slack: DrivenSlack) {
  const stream = await listen<PanelEvent>(slack, '/sandbox/panel/events');
  return {
    ...stream,
    /** Reads up to the first exchange that matches. */
    async exchange(matches: (exchange: Exchange) => boolean): Promise<Exchange> {
      const isWanted = (event: PanelEvent) => event.type === 'exchange' && matches(event.exchange);
      return (await stream.until((event): event is PanelEvent & { type: 'exchange' } => isWanted(event)))
        .exchange;
    },
    /** Reads up to the first controls that match. */
    async controls(matches: (controls: Controls) => boolean): Promise<Controls> {
      const isWanted = (event: PanelEvent) => event.type === 'controls' && matches(event.controls);
      return (await stream.until((event): event is PanelEvent & { type: 'controls' } => isWanted(event)))
        .controls;
    },
  };
}
