import { expect, test } from 'vitest';
import { FakeClock } from '#test/fake-clock.ts';
import type { KubeClient } from './client.ts';
import { sleep, systemClock } from './clock.ts';
import { ApiError } from './errors.ts';
import { LeaderElection } from './leader-election.ts';
import type { Lease } from './lease.ts';
import { silentLog } from './log.ts';

const DURATION_MS = 12_000;
const DEADLINE_MS = 8_000;
const RETRY_MS = 1_500;
const GRACE_MS = 2_000;

/** An API server with one Lease. A test may write it as others do, and have requests wait or fail. */
class OneLease {
  readonly clock = new FakeClock();
  held: Lease | undefined;
  beforeGet = async () => {};
  afterGet = () => {};
  #version = 0;

  write(spec: Lease['spec']): void {
    const resourceVersion = String(++this.#version);
    this.held = { metadata: { name: 'l', namespace: 'n', uid: 'u', resourceVersion }, spec };
  }

  readonly client = {
    get: async () => {
      await this.beforeGet();
      const { held } = this;
      this.afterGet();
      if (!held) throw new ApiError(404, {}, 'get');
      return held;
    },
    create: async (_of: unknown, { spec }: Lease) => {
      if (this.held) throw new ApiError(409, { reason: 'AlreadyExists' }, 'create');
      this.write(spec);
    },
    replace: async (_of: unknown, { metadata, spec }: Lease) => {
      const isNewest = metadata.resourceVersion === this.held?.metadata.resourceVersion;
      if (!isNewest) throw new ApiError(409, { reason: 'Conflict' }, 'replace');
      this.write(spec);
    },
  } as unknown as KubeClient;
}

const byOther = { holderIdentity: 'b', leaseDurationSeconds: 12 };
const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));

/** Candidate `a`, whose work by default ends as soon as it is told to. */
function candidate(server: OneLease, work: (signal: AbortSignal) => Promise<void> = aborted) {
  const { clock } = server;
  const stop = new AbortController();
  const state: { leading: boolean; ended?: 'ended' | 'lost' } = { leading: false };
  const election = new LeaderElection({
    client: server.client,
    lease: { namespace: 'n', name: 'l' },
    identity: 'a',
    clock,
    log: silentLog,
    durationMs: DURATION_MS,
    renewDeadlineMs: DEADLINE_MS,
    retryMs: RETRY_MS,
    lostGraceMs: GRACE_MS,
  });
  const lead = async (signal: AbortSignal) => {
    state.leading = true;
    signal.addEventListener('abort', () => {
      state.leading = false;
    });
    await work(signal);
  };
  void election.run(stop.signal, lead).then((ended) => {
    state.ended = ended;
  });
  return { clock, state, stop: () => stop.abort() };
}

test('a leader that renews goes on, also when its Lease is deleted and nobody takes it', async () => {
  const server = new OneLease();
  const { clock, state } = candidate(server);
  await clock.advance(60_000);
  server.held = undefined;
  await clock.advance(60_000);
  expect(state).toEqual({ leading: true });
  expect(server.held).toMatchObject({ spec: { holderIdentity: 'a' } });
});

const taken: [string, (server: OneLease) => void][] = [
  ['held by another', (server) => server.write(byOther)],
  [
    'gone, and taken before it can be made again',
    (server) => {
      server.held = undefined;
      server.afterGet = () => server.write(byOther);
    },
  ],
];
test.each(taken)('a Lease that is %s is lost at once', async (_what, take) => {
  const server = new OneLease();
  const { clock, state } = candidate(server);
  await clock.advance(0);
  expect(state).toEqual({ leading: true });
  take(server);
  await clock.advance(RETRY_MS);
  expect(state).toEqual({ leading: false, ended: 'lost' });
  expect(server.held?.spec).toEqual(byOther);
});

test('a leader counts from before the attempt that took the Lease, whose answer may have come late', async () => {
  const server = new OneLease();
  server.beforeGet = () => sleep(server.clock, 5_000);
  const { clock, state } = candidate(server);
  await clock.advance(5_000);
  expect(state).toEqual({ leading: true });
  server.beforeGet = () => Promise.reject(new Error('cut off'));
  await clock.advance(DEADLINE_MS - 5_001);
  expect(state).toEqual({ leading: true });
  await clock.advance(1);
  expect(state).toEqual({ leading: false, ended: 'lost' });
});

test('who took the Lease by an answer that came too late leads only after the next one', async () => {
  const server = new OneLease();
  server.beforeGet = () => sleep(server.clock, DEADLINE_MS);
  const { clock, state } = candidate(server);
  await clock.advance(DEADLINE_MS);
  server.beforeGet = async () => {};
  expect(server.held?.spec.holderIdentity).toBe('a');
  expect(state).toEqual({ leading: false });
  await clock.advance(RETRY_MS);
  expect(state).toEqual({ leading: true });
});

test('after the Lease is lost, work that does not end is waited for no longer than the grace', async () => {
  const server = new OneLease();
  const { clock, state } = candidate(server, () => new Promise(() => undefined));
  await clock.advance(0);
  server.write(byOther);
  await clock.advance(RETRY_MS + GRACE_MS - 1);
  expect(state).toEqual({ leading: false });
  await clock.advance(1);
  expect(state).toEqual({ leading: false, ended: 'lost' });
});

test('who is told to stop keeps the Lease until its work is done, and then releases it', async () => {
  const server = new OneLease();
  const work = Promise.withResolvers<void>();
  const { clock, state, stop } = candidate(server, () => work.promise);
  await clock.advance(0);
  stop();
  await clock.advance(60_000);
  expect(state).toEqual({ leading: false });
  expect(server.held?.spec.holderIdentity).toBe('a');
  work.resolve();
  await clock.advance(0);
  expect(state).toEqual({ leading: false, ended: 'ended' });
  expect(server.held?.spec.holderIdentity).toBe('');
});

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
    log: silentLog,
    durationMs: 600,
    renewDeadlineMs: 300,
    retryMs: 50,
  });
  const began = Date.now();
  await expect(election.run(new AbortController().signal, aborted)).resolves.toBe('lost');
  expect(Date.now() - began).toBeLessThan(600);
});
