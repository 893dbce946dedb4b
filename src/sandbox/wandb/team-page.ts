import type { FastifyInstance } from 'fastify';
import { createPageGuard, pageHeaders } from '../page-guard.ts';
import { keyPrefix } from './wandb-ids.ts';
import type { WandbState, WandbTeam, WandbUser } from './wandb-state.ts';

/** `/<team>/service-accounts`, where links to W&B lead; it shows no secrets and asks for no log-in. */
export function addTeamPage(
  server: FastifyInstance,
  parts: { basePath: string; state: WandbState; port: () => number },
): void {
  const guard = createPageGuard(parts.port);
  server.get<{ Params: { team: string } }>(
    `${parts.basePath}/:team/service-accounts`,
    { onRequest: guard },
    async (request, reply) => {
      const team = parts.state.team(request.params.team);
      const title = team ? `Service accounts of ${team.name}` : 'There is no such team';
      const content = team ? accountList(parts.state, team) : '';
      return reply
        .code(team ? 200 : 404)
        .headers(pageHeaders(''))
        .type('text/html; charset=utf-8')
        .send(page(title, content));
    },
  );
}

function accountList(state: WandbState, { memberships }: WandbTeam): string {
  const accounts = memberships.map(({ user }) => user).filter(({ accountType }) => accountType === 'SERVICE');
  if (accounts.length === 0) return '<p>None yet.</p>';
  const rows = accounts.map(
    (user) => `<tr><td>${escapeHtml(user.name)}</td><td>${method(state, user)}</td></tr>`,
  );
  return `<table>
<thead><tr><th scope="col">Name</th><th scope="col">Authentication</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>`;
}

function method({ clients, keysOf }: WandbState, user: WandbUser): string {
  const client = clients.find((one) => one.user === user);
  if (client) return escapeHtml(`Federated identity: ${client.subject} of ${client.provider.issuerUrl}`);
  const prefixes = keysOf(user).map(({ secret }) => `${keyPrefix(secret)}…`);
  return escapeHtml(prefixes.length > 0 ? `API keys: ${prefixes.join(', ')}` : 'No API key');
}

function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${escapeHtml(title)}</title></head>
<body>
<h1>${escapeHtml(title)}</h1>
${content}
<p>A stand-in for a W&amp;B server, on this machine only.</p>
</body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
