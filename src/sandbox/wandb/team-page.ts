import type { FastifyInstance } from 'fastify';
import { createPageGuard, pageHeaders } from '../http/page-guard.ts';
import { keyPrefix, type WandbState, type WandbTeam, type WandbUser } from './wandb-state.ts';

/** Adds `/<team>/service-accounts`, to which links to W&B lead. It shows no secrets and needs no login. */
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
      const title = team ? `Service accounts of ${team.name}` : 'Team not found';
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
  if (accounts.length === 0) return '<p>This team has no service accounts.</p>';
  const rows = accounts.map(
    (user) => `<tr><td>${escapeHtml(user.name)}</td><td>${authentication(state, user)}</td></tr>`,
  );
  return `<table>
<thead><tr><th scope="col">Name</th><th scope="col">Authentication</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>`;
}

function authentication({ clients, keysOf }: WandbState, user: WandbUser): string {
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
<p>This is a local stand-in for a W&amp;B server.</p>
</body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
