import { canonicalJson } from '#api/contract/names.ts';
import type { VirtualClusterStatus } from '#api/kinds/virtualcluster.ts';

/** Twenty plugins that are installed at once change more often than anybody looks. */
const PROGRESS_MS = 1_000;

/** Paces the writes that only say how far the plugins of a cluster are: one a second. All others are made at once. */
export class Pace {
  readonly #clock: { now: () => number };
  /** When the status of a cluster was written last, by uid. */
  readonly #written = new Map<string, number>();

  constructor(clock: { now: () => number }) {
    this.#clock = clock;
  }

  /** In how many milliseconds the status may be written; 0 is now. */
  waitMs(uid: string, before: VirtualClusterStatus | undefined, after: VirtualClusterStatus): number {
    const since = this.#clock.now() - (this.#written.get(uid) ?? 0);
    return isOnlyProgress(before, after) && since >= 0 ? Math.max(0, PROGRESS_MS - since) : 0;
  }

  wrote(uid: string): void {
    this.#written.set(uid, this.#clock.now());
  }

  forget(uid: string): void {
    this.#written.delete(uid);
  }
}

/** Whether only plugins differ, and what is said of them: phase and conditions stay as they were. */
export function isOnlyProgress(
  before: VirtualClusterStatus | undefined,
  after: VirtualClusterStatus,
): boolean {
  return before !== undefined && canonicalJson(lasting(before)) === canonicalJson(lasting(after));
}

function lasting({ plugins: _, pluginsReady: __, reason: ___, conditions, ...rest }: VirtualClusterStatus) {
  return { ...rest, conditions: conditions?.map(({ type, status }) => ({ type, status })) };
}
