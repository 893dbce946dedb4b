import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../process/main-process.ts';
import { FORM, send } from '../../send-request.ts';
import { temporaryFolder } from '../../store/database/temporary-database.ts';
import { addKey, basic, openCredentialWorld, revoke, serve } from '../../world/credential-world.ts';

function findNginx(): string | undefined {
  const path = `${process.env.PATH}:/usr/sbin:/usr/local/sbin`;
  try {
    return execFileSync('sh', ['-c', 'command -v nginx'], { env: { PATH: path }, encoding: 'utf8' }).trim();
  } catch {
    return undefined;
  }
}

const nginx = findNginx();

beforeEach(({ skip }) => skip(nginx === undefined, 'nginx is not installed'));

/** Starts the service behind the gateway, which records the headers of each request. */
async function startUpstream(): Promise<{ url: string; reached: IncomingHttpHeaders[] }> {
  const reached: IncomingHttpHeaders[] = [];
  const upstream = createServer((request, response) => {
    reached.push(request.headers);
    request.resume().on('end', () => response.end('the service'));
  });
  upstream.listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  onTestFinished(() => void upstream.close());
  return { url: `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`, reached };
}

/** The two configurations that docs/api.md shows: the shortest one, and one that passes on account and team. */
const LOCATIONS = [
  ...readFileSync(new URL('../../../docs/api.md', import.meta.url), 'utf8').matchAll(/```nginx\n(.*?)```/gs),
].map(([, locations = '']) => locations);

function configuration(
  locations: string,
  ports: { port: number; upstream: string; keysmith: string },
): string {
  return `
worker_processes 1;
pid nginx.pid;
error_log stderr;
events {}
http {
  access_log off;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${kind};`).join(' ')}
  server {
    listen 127.0.0.1:${ports.port};
    ${locations.replace('http://your-service', ports.upstream).replace('http://keysmith:3000', ports.keysmith)}
  }
}
`;
}

async function startNginx(text: (port: number) => string): Promise<string> {
  const folder = temporaryFolder();
  const port = await freePort();
  writeFileSync(`${folder}/nginx.conf`, text(port));
  const child = spawn(nginx ?? '', ['-p', folder, '-c', 'nginx.conf', '-e', 'stderr', '-g', 'daemon off;'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  onTestFinished(() => stop(child));
  let problems = '';
  child.stderr.setEncoding('utf8').on('data', (line) => {
    problems += line;
  });
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; ; tries += 1) {
    const isListening = await send(url, { method: 'GET' }).then(
      () => true,
      () => false,
    );
    if (isListening) return url;
    if (tries === 100 || child.exitCode !== null) throw new Error(`nginx did not start: ${problems}`);
    await pause(50);
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const closed = once(child, 'close');
  child.kill('SIGTERM');
  await closed;
}

test('docs/api.md shows two nginx configurations', () => {
  expect(LOCATIONS).toHaveLength(2);
});

test.for(LOCATIONS.map((locations, index) => [index + 1, locations] as const))(
  'nginx with configuration %i of docs/api.md lets only valid keys pass, and refuses a revoked key at the next request',
  async ([, locations]) => {
    const world = await openCredentialWorld();
    const { key, account } = await addKey(world);
    const elsewhere = await addKey(world, { team: world.vision });
    const keysmith = await serve(world, { trustedProxies: ['127.0.0.1'] });
    const { url: upstream, reached } = await startUpstream();
    const gateway = await startNginx((port) => configuration(locations, { port, upstream, keysmith }));
    reached.length = 0;
    const ask = (authorization: string | undefined, more = {}) =>
      send(`${gateway}/graphql?team=vision`, {
        headers: { ...(authorization && { authorization }), 'content-type': FORM, ...more },
        body: 'a=b',
      });

    const forged = {
      'x-keysmith-account': 'forged',
      'x-keysmith-team': 'forged',
      'x-keysmith-scope': 'forged',
    };
    expect(await ask(basic('api', key), forged)).toMatchObject({
      status: 200,
      body: 'the service',
    });
    expect(reached).toHaveLength(1);
    if (locations.includes('X-Keysmith-Account')) {
      expect(reached[0]).toMatchObject({
        'x-keysmith-account': account.name,
        'x-keysmith-team': 'ml-platform',
      });
      expect(JSON.stringify(reached[0])).not.toContain('forged');
    }

    const missing = await ask(undefined);
    expect(missing.status).toBe(401);
    expect(missing.headers['www-authenticate']).toContain('Basic realm="keysmith"');
    expect((await ask(basic('api', `${key}x`))).status).toBe(401);
    expect((await ask(basic('api', elsewhere.key))).status).toBe(403);
    await revoke(world, account.id);
    expect((await ask(basic('api', key))).status).toBe(401);
    expect(reached).toHaveLength(1);
  },
);

test('nginx as in docs/wandb.md passes long bodies as they arrive, and paths as they are', async () => {
  const page = readFileSync(new URL('../../../docs/wandb.md', import.meta.url), 'utf8');
  const locations = [...page.matchAll(/```nginx\n(.*?)```/gs)].map(([, text = '']) => text);
  expect(locations).toHaveLength(1);
  const received = Promise.withResolvers<string | undefined>();
  const server = createServer((incoming, response) => {
    if (incoming.method === 'POST') incoming.once('data', () => received.resolve(incoming.url));
    incoming.resume().on('end', () => response.end('the run'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const keysmith = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const url = await startNginx((port) => configuration(locations[0] ?? '', { port, upstream: '', keysmith }));
  const path = '/files/Vision%20Lab/a%2Fb/r1/file_stream';
  const sent = request(`${url}${path}`, { method: 'POST', headers: { 'content-length': 3_000_000 } });
  const responded = once(sent, 'response');

  sent.write(Buffer.alloc(1_500_000));
  expect(await received.promise).toBe(path);
  sent.end(Buffer.alloc(1_500_000));
  const [response] = await responded;
  expect([response.statusCode, await text(response)]).toEqual([200, 'the run']);
});
