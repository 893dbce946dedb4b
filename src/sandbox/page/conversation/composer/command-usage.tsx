import type { SlashCommand } from '../../../slack/protocol/page-protocol.ts';

/** How a command goes on, while its arguments are typed. */
export function CommandUsage({ id, command }: { id: string; command: SlashCommand }) {
  return (
    <div className="command-usage" id={id}>
      <span>
        <strong>{command.command}</strong> {command.usageHint}
      </span>
      <span className="hint-description">{command.description}</span>
    </div>
  );
}
