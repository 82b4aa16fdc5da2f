import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '#kube/clock.ts';
import type { ReferenceReader } from '../references.ts';
import { createTargets } from './target.ts';

async function probe(listener: RequestListener): Promise<void> {
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
    limitsMs: { silence: 1000, total: 300 },
  });
  await targets.probe({ server: `http://127.0.0.1:${port}`, insecureSkipTlsVerify: false, token: 't' });
}

test('a target that answers is ready', async () => {
  await expect(probe((_request, response) => void response.end('ok'))).resolves.toBeUndefined();
});

test.each([
  ['that never comes to an end', 200],
  ['of an error that never comes to an end', 500],
] as const)('an answer %s holds nobody up', { timeout: 5000 }, async (_what, code) => {
  const drip: RequestListener = (_request, response) => {
    response.writeHead(code);
    const timer = setInterval(() => response.write('.'), 20);
    response.on('close', () => clearInterval(timer));
  };
  await expect(probe(drip)).rejects.toMatchObject({
    reason: code === 200 ? 'TargetUnreachable' : 'TargetNotReady',
  });
});
