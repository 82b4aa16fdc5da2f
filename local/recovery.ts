/** What `up` finds of an earlier run. */
export type Observed = {
  /** Machines with a live init. */
  running: string[];
  /** Namespaces, links, control groups or processes of ours that exist. */
  leftovers: boolean;
  /** The API server of the remembered address answers /readyz and every node that stays is Ready. */
  healthy: boolean;
  /** The machines were booted from settings or programs that have changed since. */
  outdated: boolean;
  /** The last `up` came to its end with the inputs that this one would use. */
  finished: boolean;
};

export type RecoveryPlan = 'keep' | 'finish' | 'clean-and-boot' | 'boot';

/**
 * What to do about it: a cluster that works is kept, one that works but whose `up` was killed gets
 * its add-ons and checks again, anything half there or outdated is cleaned away and booted afresh.
 */
export function planRecovery(observed: Observed, machines: readonly string[]): RecoveryPlan {
  const complete = machines.every((machine) => observed.running.includes(machine));
  if (complete && observed.healthy && !observed.outdated) return observed.finished ? 'keep' : 'finish';
  return observed.leftovers || observed.running.length > 0 ? 'clean-and-boot' : 'boot';
}
