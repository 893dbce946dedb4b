import { Tab, TabList } from 'react-aria-components';

export type AppTab = 'home' | 'messages' | 'about';

const names: Record<AppTab, string> = { home: 'Home', messages: 'Messages', about: 'About' };

export function AppTabList({ tabs }: { tabs: AppTab[] }) {
  return (
    <TabList className="app-tab-list" aria-label="App">
      {tabs.map((tab) => (
        <Tab key={tab} id={tab} className="app-tab">
          {names[tab]}
        </Tab>
      ))}
    </TabList>
  );
}
