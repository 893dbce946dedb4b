import { expect, onTestFinished, test } from 'vitest';
import { connectBytes, FILE, LINES, startSmallGateway } from './small-gateway.ts';

test('Keysmith ends within its grace period, with all requests to the W&B server, whatever is under way', async () => {
  const gateway = await startSmallGateway({ server: { graceMs: 100 } });
  onTestFinished(() => gateway.close());
  const { upstream, authorization, url } = gateway;
  upstream.respond = (socket) => {
    // A download begins and stalls; everything else gets no response.
    if (upstream.received.at(-1)?.startsWith('GET'))
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc');
  };
  const start = async (line: string, rest: string) => {
    const client = await connectBytes(url);
    client.socket.write(
      `${line} HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\nContent-Type: application/json\r\n${rest}`,
    );
    return client;
  };
  const query = '{"query":"{ viewer { id } }"}';
  const uploads = await Promise.all([
    start(`POST ${LINES}`, 'Content-Length: 1000000\r\n\r\n{'),
    start(`POST ${LINES}`, 'Content-Length: 2\r\n\r\n{}'),
    start('POST /graphql', `Content-Length: ${query.length}\r\n\r\n${query}`),
  ]);
  await expect.poll(upstream.open).toBe(3);
  const others = await Promise.all([
    start(`GET ${FILE}`, '\r\n'),
    start('POST /graphql', 'Content-Length: 1000\r\n\r\n{'),
    start('POST /graphql', 'Expect: 100-continue\r\nContent-Length: 1000\r\n\r\n'),
    start(`POST ${LINES}`, ''),
  ]);
  await expect.poll(upstream.open).toBe(4);

  const startedAt = performance.now();
  await gateway.stop();

  // One second of grace by default, and a margin for a busy machine: the process must end within ten.
  expect(performance.now() - startedAt).toBeLessThan(5_000);
  await expect.poll(upstream.open).toBe(0);
  await Promise.all([...uploads, ...others].map(({ closed }) => closed));
});
