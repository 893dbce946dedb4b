import { Avatar } from '../look/avatar.tsx';
import { useSessionState } from '../session/use-session.ts';

/** What can be done with the app, as its settings say. */
export function AboutTab() {
  const { workspace, directory } = useSessionState();
  const { app, commands } = workspace;
  return (
    <div className="about-tab">
      <div className="about-app">
        <Avatar author={directory.author(app.botUserId)} />
        <h2>{app.name}</h2>
        <span className="app-badge">APP</span>
      </div>
      <AboutList
        heading="Commands"
        items={commands.map(({ command, usageHint, description }) => ({
          name: `${command} ${usageHint}`.trim(),
          description,
        }))}
      />
      <AboutList heading="Shortcuts" items={app.shortcuts} />
    </div>
  );
}

interface AboutListProps {
  heading: string;
  items: { name: string; description: string }[];
}

function AboutList({ heading, items }: AboutListProps) {
  if (items.length === 0) return null;
  return (
    <section className="about-list">
      <h3>{heading}</h3>
      <dl>
        {items.map(({ name, description }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{description}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
