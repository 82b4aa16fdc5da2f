import type { VirtualClusterPlugin } from '#api/kinds/objects.ts';
import type { HoldInput, Sibling } from '#operator/installations/hold-input.ts';
import { cluster, plugin } from '../observed.ts';

/** A plugin of the cluster as the holds of another one see it: its status is current. */
export const sibling = (of: VirtualClusterPlugin, over: Partial<Sibling> = {}): Sibling => ({
  plugin: of,
  status: {},
  isCurrent: true,
  hasStarted: false,
  ...over,
});

/** Plugin `web` of a cluster in which nothing keeps it back. */
export const holdInput = (over: Partial<HoldInput> = {}): HoldInput => ({
  cluster: cluster(),
  plugin: 'web',
  siblings: [sibling(plugin())],
  leftovers: [],
  setProblems: [],
  targetProblem: undefined,
  injectionWaitMs: 0,
  slots: { taken: 0, limit: 8 },
  ...over,
});
