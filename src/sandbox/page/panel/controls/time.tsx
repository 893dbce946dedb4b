import type { ReactNode } from 'react';
import { expireNow } from '../feed/panel-api.ts';
import { PressButton } from '../fields/press-button.tsx';
import { type ControlProps, ControlSection } from './control-section.tsx';

export function Time({ controls: { triggers, responseUrls, nextTriggerExpires }, act }: ControlProps) {
  return (
    <ControlSection title="Time" purpose="Have the app come too late, without waiting for it.">
      <Line purpose="A trigger_id opens a modal for 3 seconds; this ends all that are out.">
        <PressButton
          unavailable={triggers === 0 ? 'None is usable now.' : undefined}
          onPress={() => void act(expireNow({ what: 'triggers' }), 'The triggers have expired.')}
        >
          Let the triggers expire now ({triggers} usable)
        </PressButton>
      </Line>
      <Line purpose="The next command or button brings a trigger_id that opens nothing any more.">
        <PressButton
          unavailable={nextTriggerExpires ? 'Waiting for it.' : undefined}
          onPress={() => void act(expireNow({ what: 'next_trigger' }), 'The next trigger will be expired.')}
        >
          Let the next trigger be expired
        </PressButton>
      </Line>
      <Line purpose="A response_url is good for 30 minutes and 5 uses; this ends all that are out.">
        <PressButton
          unavailable={responseUrls === 0 ? 'None is usable now.' : undefined}
          onPress={() => void act(expireNow({ what: 'response_urls' }), 'The response URLs have expired.')}
        >
          Let the response URLs expire now ({responseUrls} usable)
        </PressButton>
      </Line>
    </ControlSection>
  );
}

function Line({ purpose, children }: { purpose: string; children: ReactNode }) {
  return (
    <div className="control-line">
      {children}
      <p className="panel-quiet">{purpose}</p>
    </div>
  );
}
