import { describe, expect, test } from 'vitest';
import { Failure } from '../../failure.ts';
import { applyInRounds, type Refusal } from './rounds.ts';

const refused = (waits = false): Refusal => ({ failure: new Failure('ApplyRejected', 'no'), waits });
const later = (waits = true): Refusal => ({ failure: new Failure('ApplyFailed', 'not yet'), waits });

/** Applies what `needs` allows once that is there, and notes what was sent; its clock moves only by waiting. */
function play(
  items: string[],
  refusalOf: (item: string, there: Set<string>, now: number) => Refusal | undefined,
  remainingMs = 600_000,
) {
  const there = new Set<string>();
  const sent: string[] = [];
  let now = 0;
  const run = applyInRounds(
    items,
    async (item) => {
      sent.push(item);
      const refusal = refusalOf(item, there, now);
      if (!refusal) there.add(item);
      return refusal;
    },
    (item) => `Kind ${item}`,
    {
      remaining: () => remainingMs - now,
      now: () => now,
      sleep: async (ms) => {
        now += ms;
      },
    },
  );
  return { run, there, sent, now: () => now };
}

describe('applyInRounds', () => {
  test('sends each item once, in order, when none is refused', async () => {
    const { run, sent } = play(['a', 'b', 'c'], () => undefined);
    await run;
    expect(sent).toEqual(['a', 'b', 'c']);
  });

  test('applies the rest when one is refused, and tries that one again after them', async () => {
    const { run, sent } = play(['a', 'b'], (item, there) =>
      item === 'a' && !there.has('b') ? refused() : undefined,
    );
    await run;
    expect(sent).toEqual(['a', 'b', 'a']);
  });

  test('goes on while each round moves something', async () => {
    const needs: Record<string, string> = { a: 'b', b: 'c', c: 'd' };
    const { run, there, now } = play(['a', 'b', 'c', 'd'], (item, there) => {
      const need = needs[item];
      return need === undefined || there.has(need) ? undefined : refused();
    });
    await run;
    expect([...there]).toEqual(['d', 'c', 'b', 'a']);
    expect(now()).toBeLessThan(1_000);
  });

  test('waits for what is likely to be taken in a moment', async () => {
    const { run, now } = play(['a', 'b'], (item, _, now) =>
      item === 'a' && now < 5_000 ? later() : undefined,
    );
    await run;
    expect(now()).toBeGreaterThanOrEqual(5_000);
  });

  test('tries what is refused again for two seconds after the rest, and no longer', async () => {
    const { run, now } = play(['a', 'b'], (item) => (item === 'a' ? refused() : undefined));
    await expect(run).rejects.toMatchObject({ reason: 'ApplyRejected', message: 'no' });
    expect(now()).toBeLessThanOrEqual(2_000);
  });

  test('does not wait when nothing else was applied after what is refused', async () => {
    const { run, sent } = play(['a', 'b'], (item) => (item === 'b' ? refused() : undefined));
    await expect(run).rejects.toMatchObject({ reason: 'ApplyRejected', message: 'no' });
    expect(sent).toEqual(['a', 'b']);
  });

  test('applies what a server takes only a moment after what it needs is there', async () => {
    const { run, there } = play(['a', 'b'], (item, there, now) =>
      item === 'a' && !(there.has('b') && now > 500) ? refused() : undefined,
    );
    await run;
    expect([...there]).toEqual(['b', 'a']);
  });

  test('gives up when nothing has moved for fifteen seconds', async () => {
    const { run, there, now } = play(['a', 'b'], (item) => (item === 'a' ? later() : undefined));
    await expect(run).rejects.toMatchObject({ reason: 'ApplyFailed' });
    expect([...there]).toEqual(['b']);
    expect(now()).toBeGreaterThan(12_000);
    expect(now()).toBeLessThanOrEqual(15_000);
  });

  test('waits no longer than the time that is left', async () => {
    const { run, now } = play(['a'], () => later(), 3_000);
    await expect(run).rejects.toMatchObject({ reason: 'ApplyFailed' });
    expect(now()).toBeLessThanOrEqual(3_000);
  });

  test('reports what may pass before what may not, because the one may come from the other', async () => {
    const { run } = play(['a', 'b'], (item) => (item === 'a' ? refused() : later(false)));
    await expect(run).rejects.toMatchObject({
      reason: 'ApplyFailed',
      message: 'not yet. Not applied either: Kind a',
    });
  });

  test('names at most five others', async () => {
    const { run } = play(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'], () => refused());
    await expect(run).rejects.toMatchObject({
      message: 'no. Not applied either: Kind b, Kind c, Kind d, Kind e, Kind f and 2 more',
    });
  });
});
