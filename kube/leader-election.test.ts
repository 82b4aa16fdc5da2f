import { pino } from 'pino';
import { expect, test } from 'vitest';
import type { KubeClient } from './client.ts';
import { systemClock } from './clock.ts';
import { LeaderElection } from './leader-election.ts';

test('a leader whose renewal hangs gives up before anybody else may lead', { timeout: 5000 }, async () => {
  let answers = 1;
  const lease = { metadata: { name: 'l', namespace: 'n', resourceVersion: '1' }, spec: {} };
  const client = {
    get: () => (answers-- > 0 ? Promise.resolve(lease) : new Promise(() => undefined)),
    replace: () => Promise.resolve(lease),
  } as unknown as KubeClient;
  const election = new LeaderElection({
    client,
    lease: { namespace: 'n', name: 'l' },
    identity: 'a',
    clock: systemClock,
    log: pino({ level: 'silent' }),
    durationMs: 600,
    renewDeadlineMs: 300,
    retryMs: 50,
  });
  const began = Date.now();
  const lead = (signal: AbortSignal) =>
    new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  await expect(election.run(new AbortController().signal, lead)).resolves.toBe('lost');
  expect(Date.now() - began).toBeLessThan(600);
});
