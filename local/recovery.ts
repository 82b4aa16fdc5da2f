/** What an earlier run of `up` has left. */
export type Observed = {
  /** Machines with a live init. */
  running: string[];
  /** Namespaces, links, control groups or processes of this clone exist. */
  leftovers: boolean;
  /** The API server of the remembered address answers /readyz and every node that stays is Ready. */
  healthy: boolean;
  /** The machines were booted from settings or programs that have changed since. */
  outdated: boolean;
  /** The last `up` finished with the same inputs. */
  finished: boolean;
};

export type RecoveryPlan = 'keep' | 'finish' | 'clean-and-boot' | 'boot';

/**
 * Decides what `up` does: a healthy cluster is kept, a healthy one whose `up` was killed gets its add-ons and checks
 * again, and anything incomplete or outdated is removed and booted again.
 */
export function planRecovery(observed: Observed, machines: readonly string[]): RecoveryPlan {
  const complete = machines.every((machine) => observed.running.includes(machine));
  if (complete && observed.healthy && !observed.outdated) return observed.finished ? 'keep' : 'finish';
  return observed.leftovers || observed.running.length > 0 ? 'clean-and-boot' : 'boot';
}
