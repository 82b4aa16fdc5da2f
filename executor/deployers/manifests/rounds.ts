import { setTimeout as delay } from 'node:timers/promises';
import { EXIT } from '#api/contract/report.ts';
import { Failure } from '../../failure.ts';

/** For how long nothing may move while something is likely to change by itself. */
const PATIENCE_MS = 15_000;
/** A server's caches follow what was applied by so much: a pod is refused for a moment whose priority class is new. */
const SETTLE_MS = 2_000;
const PAUSE_MS = { first: 200, most: 2_000 } as const;
/** Objects that a message names besides the first. */
const NAMED = 5;

/** Why one object was not applied. `waits`: it is likely to be taken in a moment, without anything else being applied. */
export type Refusal = { failure: Failure; waits: boolean };

type Deps = {
  remaining: () => number;
  now?: () => number;
  sleep?: (ms: number) => Promise<unknown>;
};

/**
 * Applies all items, in their order, in rounds: what is refused does not keep the rest from being applied, and is tried
 * again once something else was, because it may need that. When a round moves nothing, what is likely to be taken in a
 * moment is waited for.
 * @throws Failure the first refusal that may pass, else the first, with the names of the others; what `apply` throws
 */
export async function applyInRounds<T>(
  items: readonly T[],
  apply: (item: T) => Promise<Refusal | undefined>,
  shown: (item: T) => string,
  { remaining, now = () => performance.now(), sleep = delay }: Deps,
): Promise<void> {
  let todo = items;
  let movedAt = now();
  let settledAt = movedAt;
  for (let pause: number = PAUSE_MS.first; ; pause = Math.min(pause * 2, PAUSE_MS.most)) {
    const round = await applyEach(todo, apply);
    const hasMoved = round.refused.length < todo.length;
    const left = round.refused;
    todo = left.map(({ item }) => item);
    if (todo.length === 0) return;
    if (round.isFollowed) settledAt = now() + SETTLE_MS;
    if (hasMoved) {
      movedAt = now();
      pause = PAUSE_MS.first;
    }
    const end = left.some(({ refusal }) => refusal.waits) ? movedAt + PATIENCE_MS : settledAt;
    if (now() + pause >= end || pause >= remaining()) throw summary(left, shown);
    await sleep(pause);
  }
}

type Refused<T> = { item: T; refusal: Refusal };

/** One round; `isFollowed`: something was applied after something was refused, which may need it. */
async function applyEach<T>(
  items: readonly T[],
  apply: (item: T) => Promise<Refusal | undefined>,
): Promise<{ refused: Refused<T>[]; isFollowed: boolean }> {
  const refused: Refused<T>[] = [];
  let isFollowed = false;
  for (const item of items) {
    const refusal = await apply(item);
    if (refusal) refused.push({ item, refusal });
    else isFollowed ||= refused.length > 0;
  }
  return { refused, isFollowed };
}

function summary<T>(left: readonly Refused<T>[], shown: (item: T) => string): Failure {
  const first = left.find(({ refusal }) => EXIT[refusal.failure.reason].retry) ?? left[0];
  const failure = first?.refusal.failure ?? new Failure('Internal', 'nothing was refused');
  const others = left.filter((one) => one !== first).map(({ item }) => shown(item));
  if (others.length === 0) return failure;
  const names = others.slice(0, NAMED).join(', ');
  const more = others.length > NAMED ? ` and ${others.length - NAMED} more` : '';
  return new Failure(failure.reason, `${failure.message}. Not applied either: ${names}${more}`);
}
