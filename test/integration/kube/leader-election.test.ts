import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { KubeClient } from '#kube/client.ts';
import { systemClock } from '#kube/clock.ts';
import { kubeconfigConnection } from '#kube/connection.ts';
import { LeaderElection } from '#kube/leader-election.ts';
import { leases } from '#kube/lease.ts';
import { silentLog } from '#kube/log.ts';
import { eventually } from '#test/kubectl.ts';

let client: KubeClient;
beforeAll(async () => {
  client = new KubeClient(await kubeconfigConnection(inject('kubeconfig')));
});
afterAll(() => client.close());

function candidate(lease: string, identity: string, durationMs: number, through = client) {
  const stop = new AbortController();
  const state = { leading: false };
  const election = new LeaderElection({
    client: through,
    lease: { namespace: 'default', name: lease },
    identity,
    clock: systemClock,
    log: silentLog,
    durationMs,
    renewDeadlineMs: durationMs / 3,
    retryMs: 100,
  });
  const ended = election.run(stop.signal, async (signal) => {
    state.leading = true;
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    state.leading = false;
  });
  return { state, stop: () => stop.abort(), ended };
}

test('one of two leads, and the other takes over at once when it releases the Lease', async () => {
  // Others would wait for so long if it were not released.
  const durationMs = 30_000;
  const first = candidate('release', 'first', durationMs);
  await eventually('the first leads', 60, async () => first.state.leading);
  const second = candidate('release', 'second', durationMs);
  first.stop();
  expect(await first.ended).toBe('ended');
  const released = Date.now();
  await eventually('the second leads', 60, async () => second.state.leading);
  expect(Date.now() - released).toBeLessThan(durationMs / 3);
  second.stop();
  await second.ended;
});

test('a leader that can no longer renew ends as lost, and only later the other leads', async () => {
  // A third of it is what the API server may take.
  const durationMs = 15_000;
  let broken = false;
  const breaking = new Proxy(client, {
    get(target, key) {
      const value = Reflect.get(target, key);
      if (typeof value !== 'function') return value;
      return broken ? () => Promise.reject(new Error('cut off')) : value.bind(target);
    },
  });
  const first = candidate('lost', 'first', durationMs, breaking);
  await eventually('the first leads', 60, async () => first.state.leading);
  const second = candidate('lost', 'second', durationMs);
  broken = true;
  await eventually('the first knows', 60, async () => !first.state.leading);
  expect(second.state.leading).toBe(false);
  expect(await first.ended).toBe('lost');
  await eventually('the second leads', 60, async () => second.state.leading);
  const { spec } = await client.get(leases, { namespace: 'default', name: 'lost' });
  expect(spec).toMatchObject({ holderIdentity: 'second', leaseTransitions: 1 });
  second.stop();
  await second.ended;
});

test('a leader whose Lease another holds ends as lost at once', async () => {
  // Without a renewal it would go on for a third of it.
  const durationMs = 60_000;
  const first = candidate('taken', 'first', durationMs);
  await eventually('the first leads', 60, async () => first.state.leading);
  const began = Date.now();
  await client.patch(
    leases,
    { namespace: 'default', name: 'taken' },
    { spec: { holderIdentity: 'second', leaseDurationSeconds: 60 } },
  );
  expect(await first.ended).toBe('lost');
  expect(Date.now() - began).toBeLessThan(durationMs / 3);
  const { spec } = await client.get(leases, { namespace: 'default', name: 'taken' });
  expect(spec.holderIdentity).toBe('second');
});
