import { expect, test } from 'vitest';
import { FakeClock } from '#test/fake-clock.ts';
import { job, nameOfJob, observation } from '#test/observed.ts';
import { InjectionBackoff } from './injection-backoff.ts';
import { planPlugin } from './plan.ts';

const missed = observation({ jobs: [job({ spec: { suspend: true }, injected: null })] });
const released = observation({ jobs: [job()] });

/** Waits of the Jobs that one after the other are admitted without the webhook. */
async function waits(backoff: InjectionBackoff, clock: FakeClock, times: number): Promise<number[]> {
  const found: number[] = [];
  for (let i = 0; i < times; i++) {
    backoff.note(missed, planPlugin(missed));
    const { waitMs = 0 } = backoff.hold(observation());
    found.push(waitMs);
    await clock.advance(waitMs);
  }
  return found;
}

test('a Job that was not injected is made again later and later', async () => {
  const clock = new FakeClock();
  expect(await waits(new InjectionBackoff(clock), clock, 6)).toEqual([
    3000, 6000, 12000, 24000, 30000, 30000,
  ]);
});

test('nothing is created before its time, and then it is', async () => {
  const clock = new FakeClock();
  const backoff = new InjectionBackoff(clock);
  backoff.note(missed, planPlugin(missed));
  await clock.advance(2999);
  const early = planPlugin(backoff.hold(observation()).observation);
  expect(early).toMatchObject({ acts: [], status: { phase: 'Pending', reason: 'WebhookUnavailable' } });
  await clock.advance(1);
  const { observation: free, waitMs } = backoff.hold(observation());
  expect(waitMs).toBeUndefined();
  expect(planPlugin(free).acts).toMatchObject([{ kind: 'create', name: nameOfJob() }]);
});

test('waiting for its time changes nothing, a Job that is let run begins anew', async () => {
  const clock = new FakeClock();
  const backoff = new InjectionBackoff(clock);
  await waits(backoff, clock, 2);
  backoff.note(observation(), { acts: [], progress: 'waiting' });
  expect(await waits(backoff, clock, 1)).toEqual([12000]);
  backoff.note(released, planPlugin(released));
  expect(await waits(backoff, clock, 1)).toEqual([3000]);
});

test('what holds everything goes before it', () => {
  const backoff = new InjectionBackoff(new FakeClock());
  backoff.note(missed, planPlugin(missed));
  const held = observation({ hold: { reason: 'Suspended', message: 'spec.suspend is true' } });
  expect(backoff.hold(held)).toEqual({ observation: held });
});
