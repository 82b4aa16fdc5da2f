import { expect, test } from 'vitest';
import { ReasonedError, TerminalError } from '#api/errors.ts';
import type { VirtualCluster } from '#api/kinds/objects.ts';
import type { VirtualClusterStatus } from '#api/kinds/virtualcluster.ts';
import type { KubeClient } from '#kube/client.ts';
import { systemClock } from '#kube/clock.ts';
import { ApiError } from '#kube/errors.ts';
import type { Tenant } from '#operator/access/tenant.ts';
import type { ControlPlaneState } from '#operator/control-planes/state.ts';
import { AssumeCache } from '#operator/host/assume-cache.ts';
import type { NodesState } from '#operator/nodes/node-provider.ts';
import { cluster } from '#test/observed.ts';
import { ClusterWriter } from './cluster-writer.ts';
import { type Provisioner, provision } from './provision.ts';

const target = { server: 'https://tenant.example.com', insecureSkipTlsVerify: false, token: 't' };
const tenant = { target } as unknown as Tenant;
const problem = { reason: 'EtcdNotReady', message: 'etcd is starting' };
const waiting: ControlPlaneState = { kind: 'waiting', problem, terminal: false, requeueAfterMs: 500 };
const ready: ControlPlaneState = { kind: 'ready', tenant, status: { port: 30443 } };
const nodeProblem = { reason: 'NodeNotReady', message: 'node a is joining' };
const joining: NodesState = {
  nodes: [{ name: 'a', kind: 'Worker', phase: 'Joining' }],
  settled: false,
  problem: nodeProblem,
};
const joined: NodesState = { nodes: [{ name: 'a', kind: 'Worker', phase: 'Ready' }], settled: true };
const none: NodesState = { nodes: [], settled: true };
const equipped: VirtualClusterStatus = {
  phase: 'Completed',
  nodes: [{ name: 'a', kind: 'Worker', phase: 'Ready' }],
};
const untouched = new Proxy({} as KubeClient, {
  get: () => () => {
    throw new Error('nothing is written here');
  },
});

function provisioner(state: ControlPlaneState | Error, nodes: NodesState | Error): Provisioner {
  const answer = <T>(given: T | Error): T => {
    if (given instanceof Error) throw given;
    return given;
  };
  return {
    controlPlanes: {
      ensure: async () => answer(state),
      find: async () => tenant,
      remove: async () => true,
    },
    nodeProviders: [
      { kind: 'Worker', ensure: async () => answer(nodes), returnAll: async () => answer(nodes) },
      { kind: 'Promoted', ensure: async () => none, returnAll: async () => none },
    ],
  };
}

const provisioned = (
  state: ControlPlaneState | Error,
  nodes: NodesState | Error,
  { status, suspend }: { status?: VirtualClusterStatus; suspend?: boolean } = {},
) => {
  const object = cluster({ spec: suspend ? { suspend } : {}, ...(status && { status }) });
  const written = new AssumeCache<VirtualCluster>(systemClock);
  const deps = { client: untouched, clock: systemClock, written, onStatus: () => undefined };
  return provision(provisioner(state, nodes), new ClusterWriter(deps, object));
};

type Row = [
  string,
  Parameters<typeof provisioned>,
  { kind: string; reason?: string; terminal?: boolean; hasTarget: boolean },
];
const rows: Row[] = [
  [
    'a control plane on its way: Preparing',
    [waiting, none],
    { kind: 'preparing', reason: 'EtcdNotReady', hasTarget: false },
  ],
  [
    'one of a cluster that has its plugins: Updating',
    [waiting, none, { status: equipped }],
    { kind: 'updating', reason: 'EtcdNotReady', hasTarget: false },
  ],
  [
    'nodes on their way: Initialized, and no plugin is begun',
    [ready, joining],
    { kind: 'initialized', reason: 'NodeNotReady', hasTarget: false },
  ],
  [
    'no nodes at all: Initialized, and it says what to do',
    [ready, none],
    { kind: 'initialized', reason: 'NoNodes', terminal: true, hasTarget: false },
  ],
  ['all nodes Ready: plugins are installed', [ready, joined], { kind: 'ready', hasTarget: true }],
  [
    'a node more for a cluster that has its plugins: Updating, and they are seen to',
    [ready, joining, { status: equipped }],
    { kind: 'updating', reason: 'NodeNotReady', hasTarget: true },
  ],
  [
    'it is still Updating when it has no plugins',
    [ready, joining, { status: { phase: 'Updating', plugins: [] } }],
    { kind: 'updating', reason: 'NodeNotReady', hasTarget: true },
  ],
  [
    'replicas are changed: Updating',
    [{ ...ready, updating: problem }, joined, { status: equipped }],
    { kind: 'updating', reason: 'EtcdNotReady', hasTarget: true },
  ],
  [
    'replicas are changed before the first plugin: no matter',
    [{ ...ready, updating: problem }, joined],
    { kind: 'ready', hasTarget: true },
  ],
  [
    'suspended on the way up: nothing is made',
    [waiting, none, { suspend: true }],
    { kind: 'preparing', reason: 'Suspended', hasTarget: false },
  ],
  [
    'suspended when complete: it stays so',
    [new Error('not asked'), none, { suspend: true, status: equipped }],
    { kind: 'ready', hasTarget: true },
  ],
  [
    'what the API server refuses is said',
    [new ApiError(403, { message: 'no' }, 'create'), none],
    { kind: 'preparing', reason: 'Forbidden', hasTarget: false },
  ],
  [
    'so is what it refuses of nodes',
    [ready, new ApiError(403, { message: 'no' }, 'create')],
    { kind: 'initialized', reason: 'Forbidden', hasTarget: false },
  ],
];

test.each(rows)('%s', async (_sentence, given, { kind, reason, terminal, hasTarget }) => {
  const found = await provisioned(...given);
  expect(found.stage).toMatchObject({
    kind,
    ...(reason && { problem: { reason } }),
    ...(terminal && { terminal }),
  });
  expect(found.target !== undefined).toBe(hasTarget);
});

test.each([
  ['what is refused is tried again', new ReasonedError('Refused', 'no'), 3_000],
  ['what no retry can mend is not', new TerminalError('InvalidClusterCIDR', 'no'), undefined],
])('%s', async (_sentence, error, expected) => {
  expect((await provisioned(error, none)).requeueAfterMs).toEqual([expected]);
  expect((await provisioned(ready, error)).requeueAfterMs).toContain(expected);
});

test('a conflict is no problem of the cluster: it is decided anew', async () => {
  const conflict = new ApiError(409, { reason: 'Conflict' }, 'patch');
  await expect(provisioned(ready, conflict)).rejects.toBe(conflict);
});
