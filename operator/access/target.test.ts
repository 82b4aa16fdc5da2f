import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '#kube/clock.ts';
import type { ReferenceReader } from '#operator/host/references.ts';
import { createTargets } from './target.ts';

async function serve(listener: RequestListener, total = 10_000) {
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
    limitsMs: { silence: 4000, total },
  });
  const target = { server: `http://127.0.0.1:${port}`, insecureSkipTlsVerify: false, token: 't' };
  return () => targets.probe(target);
}

const probe = async (listener: RequestListener, total?: number) => (await serve(listener, total))();

/** A target that is ready; `namespace` answers the request for the namespace kube-system. */
const targetWith =
  (namespace: RequestListener): RequestListener =>
  (request, response) => {
    if (request.url === '/readyz') response.end('ok');
    else namespace(request, response);
  };
const namespace =
  (uid: string): RequestListener =>
  (_request, response) => {
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify({ metadata: { name: 'kube-system', uid } }));
  };
const refusal =
  (code: number): RequestListener =>
  (_request, response) => {
    response.writeHead(code, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify({ kind: 'Status', code, message: 'no' }));
  };

describe('probe', () => {
  test('answers the uid of namespace kube-system of a target that is ready', async () => {
    await expect(probe(targetWith(namespace('u1')))).resolves.toEqual({ uid: 'u1' });
  });

  test('asks for the metadata of that namespace only', async () => {
    const requests: [string | undefined, string | undefined][] = [];
    const recording: RequestListener = (request, response) => {
      requests.push([request.url, request.headers.accept]);
      namespace('u1')(request, response);
    };
    await probe(targetWith(recording));
    expect(requests).toEqual([
      ['/api/v1/namespaces/kube-system', expect.stringContaining('PartialObjectMetadata')],
    ]);
  });

  test('asks a target that has answered once in 30 s', async () => {
    let count = 0;
    const ask = await serve((request, response) => {
      count++;
      targetWith(namespace('u1'))(request, response);
    });
    expect([await ask(), await ask()]).toEqual([{ uid: 'u1' }, { uid: 'u1' }]);
    expect(count).toBe(2);
  });

  test.each([403, 404])('takes a target for ready whose namespace answers HTTP %i', async (code) => {
    await expect(probe(targetWith(refusal(code)))).resolves.toEqual({ uid: 'unknown' });
  });

  test.each([
    [401, 'TargetUnauthorized'],
    [500, 'TargetNotReady'],
  ])('does not take a target for ready whose namespace answers HTTP %i', async (code, reason) => {
    await expect(probe(targetWith(refusal(code)))).rejects.toMatchObject({ reason });
  });
});

test.each([
  ['that never comes to an end', 200],
  ['of an error that never comes to an end', 500],
] as const)('probe gives up on an answer %s', { timeout: 5000 }, async (_what, code) => {
  const drip: RequestListener = (_request, response) => {
    response.writeHead(code);
    const timer = setInterval(() => response.write('.'), 20);
    response.on('close', () => clearInterval(timer));
  };
  await expect(probe(drip, 300)).rejects.toMatchObject({
    reason: code === 200 ? 'TargetUnreachable' : 'TargetNotReady',
  });
});

const MEBIBYTE = 1024 * 1024;

test.each([
  [200, 'TargetUnreachable', /larger than 65536 bytes/],
  [500, 'TargetNotReady', /HTTP 500/],
] as const)('probe stops reading a huge answer of HTTP %i', async (code, reason, message) => {
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
