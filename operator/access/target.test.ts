import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '#kube/clock.ts';
import type { ReferenceReader } from '#operator/host/references.ts';
import { createTargets } from './target.ts';

async function probe(listener: RequestListener, total = 300): Promise<void> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const targets = createTargets({
    references: undefined as unknown as ReferenceReader,
    clock: systemClock,
    limitsMs: { silence: 1000, total },
  });
  await targets.probe({ server: `http://127.0.0.1:${port}`, insecureSkipTlsVerify: false, token: 't' });
}

test('probe succeeds for a target that answers', async () => {
  await expect(probe((_request, response) => void response.end('ok'))).resolves.toBeUndefined();
});

test.each([
  ['a response that never ends', 200],
  ['an error response that never ends', 500],
] as const)('probe gives up on %s', { timeout: 5000 }, async (_what, code) => {
  const drip: RequestListener = (_request, response) => {
    response.writeHead(code);
    const timer = setInterval(() => response.write('.'), 20);
    response.on('close', () => clearInterval(timer));
  };
  await expect(probe(drip)).rejects.toMatchObject({
    reason: code === 200 ? 'TargetUnreachable' : 'TargetNotReady',
  });
});

const MEBIBYTE = 1024 * 1024;

test.each([
  [200, 'TargetUnreachable', /larger than 65536 bytes/],
  [500, 'TargetNotReady', /HTTP 500/],
] as const)('probe stops reading a huge response with status %i', async (code, reason, message) => {
  const { promise: taken, resolve } = Promise.withResolvers<number>();
  const flood: RequestListener = (_request, response) => {
    response.writeHead(code);
    const piece = Buffer.from('[],'.repeat(MEBIBYTE / 4));
    let pieces = 0;
    const push = () => {
      while (pieces++ < 86) if (!response.write(piece)) return;
      response.end();
    };
    const { socket } = response;
    response.on('drain', push).on('close', () => resolve(socket?.bytesWritten ?? 0));
    response.write('{"status":[');
    push();
  };
  await expect(probe(flood, 20_000)).rejects.toMatchObject({
    reason,
    message: expect.stringMatching(message),
  });
  // What has left the server and was not read lies in the buffers of the two sockets.
  expect(await taken).toBeLessThan(16 * MEBIBYTE);
});
