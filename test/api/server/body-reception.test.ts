import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { receiveBodies } from '../../../src/api/server/body-reception.ts';

afterEach(() => vi.useRealTimers());

/** Sends the headers and half of a body to a server that never responds by itself. */
async function sendHalfBody({ isUntimed }: { isUntimed: boolean }) {
  // Sockets don't use these timers.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const server = createServer();
  const reception = receiveBodies(server);
  server.on('request', (request) => {
    reception.accept(request, { untimed: isUntimed });
    request.resume();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  let received = '';
  socket.setEncoding('latin1').on('data', (text) => {
    received += text;
  });
  const closed = once(socket, 'close');
  const arrived = once(server, 'request');
  socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf!');
  const [request, response] = await arrived;
  return {
    request,
    response,
    closed,
    received: () => received,
    stop() {
      socket.destroy();
      server.close();
    },
  };
}

test('A body that takes longer than 15 seconds is refused, and its connection ends', async () => {
  const sent = await sendHalfBody({ isUntimed: false });

  vi.advanceTimersByTime(14_999);
  expect(sent.request.destroyed).toBe(false);
  vi.advanceTimersByTime(1);
  await sent.closed;

  expect(sent.received()).toMatch(/^HTTP\/1\.1 408 /);
  sent.stop();
});

test('A body without a time limit may take longer', async () => {
  const sent = await sendHalfBody({ isUntimed: true });

  vi.advanceTimersByTime(60_000);
  sent.response.end('still here');

  await vi.waitFor(() => expect(sent.received()).toMatch(/^HTTP\/1\.1 200 [\s\S]*still here/));
  sent.stop();
});
