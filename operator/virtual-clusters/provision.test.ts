import { describe, expect, test } from 'vitest';
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
import { Pace } from './pace.ts';
import { type Provisioner, provision } from './provision.ts';

const target = { server: 'https://tenant.example.com', insecureSkipTlsVerify: false, token: 't' };
const tenant = { target } as unknown as Tenant;
const problem = { reason: 'EtcdNotReady', message: 'etcd is starting' };
const waiting: ControlPlaneState = { kind: 'waiting', problem, terminal: false, requeueAfterMs: 500 };
const ready: ControlPlaneState = { kind: 'ready', tenant, status: { port: 30443 } };
const full: ControlPlaneState = {
  ...ready,
  pressure: { reason: 'EtcdFull', message: 'etcd is full', full: true },
};
const nodeProblem = { reason: 'NodeNotReady', message: 'node a is joining' };
const joining: NodesState = {
  nodes: [{ name: 'a', kind: 'Worker', phase: 'Joining' }],
  settled: false,
  problem: nodeProblem,
};
const joined: NodesState = { nodes: [{ name: 'a', kind: 'Worker', phase: 'Ready' }], settled: true };
const none: NodesState = { nodes: [], settled: true };
const equipped: VirtualClusterStatus = {
  equippedAt: '2026-01-01T00:00:00Z',
  nodes: [{ name: 'a', kind: 'Worker', phase: 'Ready' }],
};
/** As a release without `equippedAt` left it. */
const equippedBefore: VirtualClusterStatus = {
  phase: 'Completed',
  plugins: [{ name: 'web', phase: 'Installed', digest: 'legacy-1' }],
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

type Given = { status?: VirtualClusterStatus; suspend?: boolean };

const provisionedBy = (by: Provisioner, { status, suspend }: Given = {}) => {
  const object = cluster({ spec: suspend ? { suspend } : {}, ...(status && { status }) });
  const written = new AssumeCache<VirtualCluster>(systemClock);
  const deps = {
    client: untouched,
    clock: systemClock,
    written,
    pace: new Pace(systemClock),
    onStatus: () => undefined,
  };
  return provision(by, new ClusterWriter(deps, object));
};

const provisioned = (state: ControlPlaneState | Error, nodes: NodesState | Error, given?: Given) =>
  provisionedBy(provisioner(state, nodes), given);

type Row = [
  string,
  Parameters<typeof provisioned>,
  { kind: string; reason?: string; terminal?: boolean; hasTarget: boolean },
];
const rows: Row[] = [
  [
    'a control plane that is starting',
    [waiting, none],
    { kind: 'preparing', reason: 'EtcdNotReady', hasTarget: false },
  ],
  [
    'a control plane that is starting in a cluster that was equipped',
    [waiting, none, { status: equipped }],
    { kind: 'updating', reason: 'EtcdNotReady', hasTarget: false },
  ],
  [
    'nodes that are joining, before the first plugin',
    [ready, joining],
    { kind: 'initialized', reason: 'NodeNotReady', hasTarget: false },
  ],
  [
    'no nodes at all, which waits for a change of the spec',
    [ready, none],
    { kind: 'initialized', reason: 'NoNodes', terminal: true, hasTarget: false },
  ],
  ['nodes that are all Ready', [ready, joined], { kind: 'ready', hasTarget: true }],
  [
    'a datastore that is full, which comes before what follows from it',
    [full, joining, { status: equipped }],
    { kind: 'updating', reason: 'EtcdFull', hasTarget: true },
  ],
  [
    'a datastore that is nearly full, which stops nothing',
    [{ ...full, pressure: { reason: 'EtcdNearlyFull', message: '', full: false } }, joined],
    { kind: 'ready', hasTarget: true },
  ],
  [
    'another node that joins a cluster that was equipped',
    [ready, joining, { status: equipped }],
    { kind: 'updating', reason: 'NodeNotReady', hasTarget: true },
  ],
  [
    'another node that joins a cluster that was equipped without plugins',
    [ready, joining, { status: { ...equipped, plugins: [] } }],
    { kind: 'updating', reason: 'NodeNotReady', hasTarget: true },
  ],
  [
    'another node that joins a cluster that an earlier release has equipped',
    [ready, joining, { status: equippedBefore }],
    { kind: 'updating', reason: 'NodeNotReady', hasTarget: true },
  ],
  [
    'another node that joins a cluster in which an earlier release has started a Job',
    [ready, joining, { status: { plugins: [{ name: 'web', phase: 'Installing', job: 'demo/job' }] } }],
    { kind: 'updating', reason: 'NodeNotReady', hasTarget: true },
  ],
  [
    'a phase Completed that a user wrote on a cluster that was never equipped',
    [ready, joining, { status: { phase: 'Completed' } }],
    { kind: 'initialized', reason: 'NodeNotReady', hasTarget: false },
  ],
  [
    'a phase Updating that a user wrote on a cluster that was never equipped',
    [waiting, none, { status: { phase: 'Updating', plugins: [] } }],
    { kind: 'preparing', reason: 'EtcdNotReady', hasTarget: false },
  ],
  [
    'a control plane whose replicas are changed',
    [{ ...ready, updating: problem }, joined, { status: equipped }],
    { kind: 'updating', reason: 'EtcdNotReady', hasTarget: true },
  ],
  [
    'a control plane whose replicas are changed before the first plugin',
    [{ ...ready, updating: problem }, joined],
    { kind: 'ready', hasTarget: true },
  ],
  [
    'a cluster that is suspended before it was equipped',
    [waiting, none, { suspend: true }],
    { kind: 'preparing', reason: 'Suspended', hasTarget: false },
  ],
  [
    'a cluster that is suspended after it was equipped',
    [new Error('ensure is not called'), none, { suspend: true, status: equipped }],
    { kind: 'ready', hasTarget: true },
  ],
  [
    'a control plane that the API server refuses',
    [new ApiError(403, { message: 'no' }, 'create'), none],
    { kind: 'preparing', reason: 'Forbidden', hasTarget: false },
  ],
  [
    'nodes that the API server refuses',
    [ready, new ApiError(403, { message: 'no' }, 'create')],
    { kind: 'initialized', reason: 'Forbidden', hasTarget: false },
  ],
];

describe('provision', () => {
  test('looks again soon at a suspended cluster whose API server has missed an answer', async () => {
    const of = provisioner(new Error('ensure is not called'), none);
    const silent = { ...of, controlPlanes: { ...of.controlPlanes, find: async () => undefined } };
    const { stage, requeueAfterMs } = await provisionedBy(silent, { suspend: true, status: equipped });
    expect(stage).toMatchObject({ kind: 'preparing', problem: { reason: 'Suspended' } });
    expect(requeueAfterMs).toEqual([3_000]);
  });

  test.for(rows.map(([given, inputs, expected]) => ({ given, inputs, expected })))(
    'answers stage $expected.kind for $given',
    async ({ inputs, expected: { kind, reason, terminal, hasTarget } }) => {
      const found = await provisioned(...inputs);
      expect(found.stage).toMatchObject({
        kind,
        ...(reason && { problem: { reason } }),
        ...(terminal && { terminal }),
      });
      expect(found.target !== undefined).toBe(hasTarget);
    },
  );

  test.each([
    ['retries what is refused', new ReasonedError('Refused', 'no'), 3_000],
    ['does not retry what is terminal', new TerminalError('InvalidClusterCIDR', 'no'), undefined],
  ])('%s', async (_does, error, expected) => {
    expect((await provisioned(error, none)).requeueAfterMs).toEqual([expected]);
    expect((await provisioned(ready, error)).requeueAfterMs).toContain(expected);
  });

  test('throws a conflict on, so that it is decided again on the newer object', async () => {
    const conflict = new ApiError(409, { reason: 'Conflict' }, 'patch');
    await expect(provisioned(ready, conflict)).rejects.toBe(conflict);
  });
});
