import { describe, expect, it } from 'vitest';
import { app, clientOf, people, refusal, startSlackWithApp } from '../slack-with-app.ts';

describe('the Web API of the local Slack', () => {
  it('returns the identity of the bot for auth.test', async () => {
    const { client } = await startSlackWithApp();
    expect(await client.auth.test()).toMatchObject({
      ok: true,
      team_id: 'T0ACME0001',
      user_id: 'U0KEYSM001',
      bot_id: 'B0KEYSM001',
      is_enterprise_install: false,
    });
  });

  it('returns the scopes and a request ID in the headers', async () => {
    const { slack } = await startSlackWithApp();
    const response = await fetch(`${slack.apiUrl}users.info?user=${people.ada}`, {
      headers: { authorization: `Bearer ${app.botToken}` },
    });
    expect(response.headers.get('x-oauth-scopes')).toBe(app.scopes.join(','));
    expect(response.headers.get('x-accepted-oauth-scopes')).toBe('users:read');
    expect(response.headers.get('x-slack-req-id')).toMatch(/^[0-9a-f]{32}$/);
  });

  it('refuses calls without a token, with an invalid token, and with a token of the wrong type', async () => {
    const { slack, client } = await startSlackWithApp();
    const withoutToken = await fetch(`${slack.apiUrl}auth.test`, { method: 'POST' });
    expect(await withoutToken.json()).toEqual({ ok: false, error: 'not_authed' });
    const stranger = clientOf(slack, { token: 'xoxb-of-another' });
    expect(await refusal(stranger.auth.test())).toMatchObject({ error: 'invalid_auth' });
    const withAppToken = clientOf(slack, { token: 'xapp-sandbox-app' });
    expect(await refusal(withAppToken.auth.test())).toMatchObject({ error: 'not_allowed_token_type' });
    expect(await refusal(client.apps.connections.open())).toMatchObject({ error: 'not_allowed_token_type' });
  });

  it.each([
    ['chat.postMessage', 'chat:write', { channel: 'C0MLPLAT01', text: 'x' }],
    ['chat.postEphemeral', 'chat:write', { channel: 'C0MLPLAT01', user: people.ada, text: 'x' }],
    ['chat.update', 'chat:write', { channel: 'C0MLPLAT01', ts: '1.0', text: 'x' }],
    ['chat.delete', 'chat:write', { channel: 'C0MLPLAT01', ts: '1.0' }],
    ['users.info', 'users:read', { user: people.ada }],
    ['users.lookupByEmail', 'users:read.email', { email: 'ada@acme.test' }],
    ['bots.info', 'users:read', {}],
    ['conversations.info', 'channels:read', { channel: 'C0MLPLAT01' }],
  ])('%s names the missing scope %s', async (method, needed, args) => {
    const scopes = ['commands'];
    const { client } = await startSlackWithApp({ app: { scopes } });
    expect(await refusal(client.apiCall(method, args))).toMatchObject({
      error: 'missing_scope',
      needed,
      provided: 'commands',
    });
  });

  it('names every scope of which one is enough', async () => {
    const { client } = await startSlackWithApp({ app: { scopes: [] } });
    expect(await refusal(client.conversations.open({ users: people.ada }))).toMatchObject({
      error: 'missing_scope',
      needed: 'channels:manage,groups:write,im:write,mpim:write',
    });
  });

  it('responses unknown methods with unknown_method', async () => {
    const { client } = await startSlackWithApp();
    expect(await refusal(client.apiCall('users.conversations'))).toMatchObject({ error: 'unknown_method' });
    expect(await refusal(client.apiCall('toString'))).toMatchObject({ error: 'unknown_method' });
  });

  it('accepts arguments as a form or JSON, and refuses other bodies', async () => {
    const { slack } = await startSlackWithApp();
    const call = async (contentType: string, body: string, token = `Bearer ${app.botToken}`) => {
      const headers = { authorization: token, 'content-type': contentType };
      const response = await fetch(`${slack.apiUrl}users.info`, { method: 'POST', headers, body });
      return (await response.json()) as { ok: boolean; error?: string; user?: { id: string } };
    };
    const json = 'application/json; charset=utf-8';
    expect((await call(json, JSON.stringify({ user: people.ben }))).user?.id).toBe(people.ben);
    expect((await call('application/x-www-form-urlencoded', `user=${people.ben}`)).user?.id).toBe(people.ben);
    expect((await call(json, '{"user":')).error).toBe('invalid_json');
    expect((await call(json, '[]')).error).toBe('json_not_object');
    expect((await call('text/plain', 'user=U1')).error).toBe('invalid_post_type');
    expect((await call(json, JSON.stringify({ token: app.botToken, user: people.ben }), '')).error).toBe(
      'not_authed',
    );
  });

  it('names the missing arguments', async () => {
    const { client } = await startSlackWithApp();
    expect(await refusal(client.apiCall('chat.postEphemeral', { text: 'x' }))).toMatchObject({
      error: 'invalid_arguments',
      response_metadata: {
        messages: expect.arrayContaining(['[ERROR] missing required field: channel [json-pointer:]']),
      },
    });
  });

  it('echoes the arguments of api.test without a token', async () => {
    const { slack } = await startSlackWithApp();
    const response = await fetch(`${slack.apiUrl}api.test?foo=bar`);
    expect(await response.json()).toEqual({ ok: true, args: { foo: 'bar' } });
  });

  it('describes the bot in bots.info', async () => {
    const { client } = await startSlackWithApp();
    const { bot } = await client.bots.info({ bot: 'B0KEYSM001' });
    expect(bot).toMatchObject({ app_id: 'A0KEYSM001', user_id: 'U0KEYSM001', name: 'Keysmith' });
    expect(await refusal(client.bots.info({ bot: 'B0' }))).toMatchObject({ error: 'bot_not_found' });
  });
});
