import type { VirtualCluster } from '#api/kinds/objects.ts';
import type { Problem } from '#api/problem.ts';
import type { Tenant } from '#operator/access/tenant.ts';
import { pollInterval } from '#operator/host/poll-interval.ts';
import { KUBECONFIG_KEY } from './assemble.ts';
import type { HostState } from './bring-up.ts';
import { workloadsOf } from './live.ts';
import { rolloutOf } from './rollout.ts';
import type { ControlPlaneState } from './state.ts';
import type { StoragePressure } from './storage.ts';

const WAIT_MS = 500;
const ROLLOUT_MS = 1_000;
/** The longest time between two looks, and between two thorough ones: some changes cause no event. */
export const RESYNC_MS = 10 * 60_000;
/** The time between two looks at the datastore, whose answer is large, and at one that is nearly full. */
export const STORAGE_MS = 60_000;
export const PRESSED_MS = 15_000;

/** What the operator remembers of one cluster. Losing it costs a few requests, never correctness. */
export type Memory = {
  /** When every object was last applied, also those that looked unchanged. */
  appliedAt: number;
  /** The last set-up of the tenant: with which endpoint, and until when it is not repeated. */
  setUp?: { endpoint: string; until: number };
  /** How full the datastore was, and until when it is not looked at again. */
  storage?: { pressure: StoragePressure | undefined; until: number };
  /** Since when this generation of the spec waits for its control plane. */
  waiting?: { generation: number | undefined; since: number };
};

/** The answer while the API server does not answer. */
export function waiting(
  { metadata: { generation } }: VirtualCluster,
  memory: Memory,
  problem: Problem,
  now: number,
): ControlPlaneState {
  const since = memory.waiting?.generation === generation ? (memory.waiting?.since ?? now) : now;
  memory.waiting = { generation, since };
  return { kind: 'waiting', problem, terminal: false, requeueAfterMs: pollInterval(now - since, WAIT_MS) };
}

/** The answer of a control plane that works. */
export function ready(tenant: Tenant, { live, names, renewAt }: HostState, now: number): ControlPlaneState {
  const updating = rolloutOf(workloadsOf(live));
  const { port } = tenant.apiServer;
  return {
    kind: 'ready',
    tenant,
    status: {
      port,
      portMap: { apiserver: port, konnectivity: tenant.konnectivity.port },
      kubeconfigSecretRef: { name: names.kubeconfig, key: KUBECONFIG_KEY },
    },
    ...(updating && { updating }),
    requeueAfterMs: updating ? ROLLOUT_MS : Math.min(STORAGE_MS, Math.max(WAIT_MS, renewAt - now)),
  };
}

export const NO_ADDRESS: Problem = {
  reason: 'NoEntryAddress',
  message:
    'the API server has no endpoint: its Service has no address yet, or every Ready host node has been promoted',
};
