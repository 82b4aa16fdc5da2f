import { describe, expect, test } from 'vitest';
import { holdInput } from '#test/builders/hold-input.ts';
import { FakeClock } from '#test/fake-clock.ts';
import { injectedWith, job, nameOfJob, observation, suspended } from '#test/observed.ts';
import { firstHold } from './holds.ts';
import { InjectionBackoff } from './injection-backoff.ts';
import type { InstallationPlan } from './observation.ts';
import { planInstallation } from './plan.ts';

const KEY = 'cluster-uid/plugin-uid';
const notInjected = planInstallation(observation({ jobs: [job(suspended, injectedWith(undefined))] }));
const started = planInstallation(observation({ jobs: [job()] }));
const waiting: InstallationPlan = { acts: [], status: { phase: 'Pending' } };

/** Waits of the Jobs that one after the other are admitted without the webhook. */
async function waits(backoff: InjectionBackoff, clock: FakeClock, times: number): Promise<number[]> {
  const found: number[] = [];
  for (let i = 0; i < times; i++) {
    backoff.note(KEY, notInjected);
    const waitMs = backoff.waitMs(KEY);
    found.push(waitMs);
    await clock.advance(waitMs);
  }
  return found;
}

describe('InjectionBackoff', () => {
  test('waits longer with every Job that was not injected, 30 s at most', async () => {
    const clock = new FakeClock();
    expect(await waits(new InjectionBackoff(clock), clock, 6)).toEqual([
      3000, 6000, 12000, 24000, 30000, 30000,
    ]);
  });

  test('keeps the next Job back until its time has come', async () => {
    const clock = new FakeClock();
    const backoff = new InjectionBackoff(clock);
    const plan = () => {
      const hold = firstHold(holdInput({ injectionWaitMs: backoff.waitMs(KEY) }));
      return planInstallation(observation({ hold }));
    };
    backoff.note(KEY, notInjected);
    await clock.advance(2999);
    expect(plan()).toMatchObject({ acts: [], status: { phase: 'Pending', reason: 'WebhookUnavailable' } });
    await clock.advance(1);
    expect(backoff.waitMs(KEY)).toBe(0);
    expect(plan().acts).toMatchObject([{ kind: 'create', name: nameOfJob() }]);
  });

  test('keeps counting while the plugin waits, and starts over once a Job was let run', async () => {
    const clock = new FakeClock();
    const backoff = new InjectionBackoff(clock);
    await waits(backoff, clock, 2);
    backoff.note(KEY, waiting);
    expect(await waits(backoff, clock, 1)).toEqual([12000]);
    backoff.note(KEY, started);
    expect(await waits(backoff, clock, 1)).toEqual([3000]);
  });

  test('keeps no other installation waiting', () => {
    const backoff = new InjectionBackoff(new FakeClock());
    backoff.note(KEY, notInjected);
    expect(backoff.waitMs('cluster-uid/other')).toBe(0);
  });
});
