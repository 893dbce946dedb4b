/// <reference lib="dom" />
/// <reference lib="dom.iterable" />

import '@fontsource/lato/latin-400.css';
import '@fontsource/lato/latin-400-italic.css';
import '@fontsource/lato/latin-700.css';
import '@fontsource/lato/latin-900.css';
import 'twemoji-colr-font/twemoji.css';
import './look/page.css';
import { useSyncExternalStore } from 'react';
import { Button } from 'react-aria-components';
import { createRoot } from 'react-dom/client';
import { createNavigation, type Navigation } from './session/navigation.ts';
import { SlackWindow } from './slack-window.tsx';

function Page({ navigation }: { navigation: Navigation }) {
  const place = useSyncExternalStore(navigation.place.subscribe, navigation.place.get);
  switch (place.status) {
    case 'loading':
      return null;
    case 'failed':
      return <StartFailure reason={place.reason} onRetry={navigation.follow} />;
    case 'open':
      return <SlackWindow session={place.session} address={place.address} />;
  }
}

function StartFailure({ reason, onRetry }: { reason: string; onRetry: () => void }) {
  return (
    <main className="failure">
      <p role="alert">The sandbox didn’t respond: {reason}</p>
      <Button className="button" onPress={onRetry}>
        Try again
      </Button>
    </main>
  );
}

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');
const navigation = createNavigation();
window.addEventListener('hashchange', navigation.follow);
navigation.follow();
createRoot(root).render(<Page navigation={navigation} />);
