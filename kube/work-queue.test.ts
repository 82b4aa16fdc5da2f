import { expect, test } from 'vitest';
import { TerminalError } from '#api/errors.ts';
import { FakeClock } from '#test/fake-clock.ts';
import { silentLog } from './log.ts';
import { type Outcome, type Result, WorkQueue } from './work-queue.ts';

const stop = new AbortController();

function start(reconcile: (key: string) => Promise<Outcome>, concurrency = 2) {
  const clock = new FakeClock();
  const results: Result[] = [];
  const queue = new WorkQueue({
    name: 'test',
    concurrency,
    reconcile,
    clock,
    log: silentLog,
    baseDelayMs: 100,
    maxDelayMs: 1000,
    onResult: (result) => results.push(result),
  });
  void queue.run(stop.signal);
  return { clock, queue, results };
}

/** A reconcile that stays under way until it is let go. */
function gate() {
  const calls: string[] = [];
  let open: (() => void)[] = [];
  return {
    calls,
    reconcile: async (key: string): Promise<Outcome> => {
      calls.push(key);
      await new Promise<void>((resolve) => open.push(resolve));
      return {};
    },
    letGo() {
      for (const resolve of open) resolve();
      open = [];
    },
  };
}

test('a name that is added twice before a worker takes it is worked on once', async () => {
  const { reconcile, calls, letGo } = gate();
  const { queue, clock } = start(reconcile, 1);
  for (const key of ['a', 'b', 'b']) queue.add(key);
  letGo();
  await clock.advance(0);
  letGo();
  await clock.advance(0);
  expect(calls).toEqual(['a', 'b']);
});

test('a name that is added while it is worked on is worked on again, not twice at once', async () => {
  const { reconcile, calls, letGo } = gate();
  const { queue, clock } = start(reconcile);
  for (const key of ['a', 'a', 'a']) queue.add(key);
  await clock.advance(0);
  expect(calls).toEqual(['a']);
  letGo();
  await clock.advance(0);
  expect(calls).toEqual(['a', 'a']);
  letGo();
  await clock.advance(0);
  expect(calls).toEqual(['a', 'a']);
});

test('no more names than workers are under way', async () => {
  const { reconcile, calls } = gate();
  const { queue } = start(reconcile, 2);
  for (const key of ['a', 'b', 'c']) queue.add(key);
  expect(calls).toEqual(['a', 'b']);
  expect(queue.depth).toBe(1);
});

test('an error is retried with a delay that doubles up to its maximum, and a success resets it', async () => {
  const at: number[] = [];
  let failing = true;
  const { queue, clock } = start(async () => {
    at.push(clock.now());
    if (failing) throw new Error('no');
    return {};
  });
  queue.add('a');
  await clock.advance(4000);
  failing = false;
  await clock.advance(1000);
  const gaps = at.slice(1).map((time, i) => time - (at[i] ?? 0));
  expect(gaps).toEqual([100, 200, 400, 800, 1000, 1000, 1000]);
  failing = true;
  queue.add('a');
  await clock.advance(100);
  expect(at.slice(-2).reduce((a, b) => b - a)).toBe(100);
});

test('a terminal error is counted and not retried until the name is added again', async () => {
  let calls = 0;
  const { queue, clock, results } = start(async () => {
    calls++;
    throw new TerminalError('Bad', 'give a better one');
  });
  queue.add('a');
  await clock.advance(60_000);
  expect({ calls, results }).toEqual({ calls: 1, results: ['terminal'] });
  queue.add('a');
  await clock.advance(0);
  expect(calls).toBe(2);
});

test('of two later times the earlier one counts', async () => {
  const at: number[] = [];
  const { queue, clock } = start(async () => {
    at.push(clock.now());
    return {};
  });
  const begin = clock.now();
  queue.addAfter('a', 500);
  queue.addAfter('a', 100);
  queue.addAfter('a', 900);
  await clock.advance(2000);
  expect(at).toEqual([begin + 100]);
});

test('a name that is worked on now loses its later time', async () => {
  let calls = 0;
  const { queue, clock } = start(async () => {
    calls++;
    return {};
  });
  queue.addAfter('a', 500);
  queue.add('a');
  await clock.advance(2000);
  expect(calls).toBe(1);
});

test('a name whose reconcile asks for it comes again after the time it asked for', async () => {
  const at: number[] = [];
  const { queue, clock } = start(async () => {
    at.push(clock.now());
    return { requeueAfterMs: at.length < 3 ? 250 : undefined };
  });
  const begin = clock.now();
  queue.add('a');
  await clock.advance(5000);
  expect(at).toEqual([begin, begin + 250, begin + 500]);
});

test('timers and sockets have their turn before a long queue is through', async () => {
  let calls = 0;
  const { queue, clock } = start(async () => {
    calls++;
    return {};
  }, 1);
  for (let i = 0; i < 100; i++) queue.add(`key-${i}`);
  await new Promise((resolve) => setImmediate(resolve));
  expect(calls).toBeLessThan(10);
  for (let i = 0; i < 100; i++) await clock.advance(0);
  expect(calls).toBe(100);
});

test('run ends only when what is under way has ended', async () => {
  const { reconcile, letGo } = gate();
  const clock = new FakeClock();
  const queue = new WorkQueue({ name: 'test', concurrency: 1, reconcile, clock, log: silentLog });
  const signal = new AbortController();
  let ended = false;
  const running = queue.run(signal.signal).then(() => {
    ended = true;
  });
  queue.add('a');
  signal.abort();
  await clock.advance(0);
  expect(ended).toBe(false);
  letGo();
  await running;
  expect(ended).toBe(true);
});
