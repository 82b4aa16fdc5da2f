import { describe, expect, test } from 'vitest';
import { virtualClusterStatus } from '#api/kinds/virtualcluster.ts';
import { cluster, TIME } from '#test/observed.ts';
import { buildStatus } from './build-status.ts';

describe('buildStatus', () => {
  test('cuts a message of any length to what the schema allows', () => {
    const assessment = {
      phase: 'Pending',
      reason: 'InvalidKubeconfig',
      message: 'x'.repeat(1_000_000),
      ready: false,
      reconciling: false,
      stalled: true,
    } as const;
    const status = buildStatus(cluster(), 0, { assessment, plugins: [] });
    expect(virtualClusterStatus.safeParse(status).error).toBeUndefined();
  });

  test('counts nodes and keeps what the control plane says', () => {
    const assessment = {
      phase: 'Initialized',
      reason: 'NodeNotReady',
      message: '',
      ready: false,
      reconciling: true,
      stalled: false,
    } as const;
    const nodes = [
      { name: 'a', kind: 'Worker', phase: 'Ready' },
      { name: 'b', kind: 'Worker', phase: 'Joining' },
    ] as const;
    const status = buildStatus(cluster(), 0, {
      assessment,
      plugins: [],
      nodes: [...nodes],
      controlPlane: { port: 30443 },
    });
    expect(status).toMatchObject({ nodesReady: '1/2', port: 30443 });
  });

  const completed = {
    phase: 'Completed',
    reason: 'Completed',
    message: '',
    ready: true,
    reconciling: false,
    stalled: false,
  } as const;

  test('says that the datastore fills up, and keeps that while nobody has looked', () => {
    const pressure = { reason: 'EtcdNearlyFull', message: 'etcd has used 500 of 512 MiB' };
    const status = buildStatus(cluster(), 0, { assessment: completed, plugins: [], pressure });
    const condition = { type: 'StoragePressure', status: 'True', ...pressure };
    expect(status.conditions?.[3]).toMatchObject(condition);
    expect(status.conditions?.[0]).toMatchObject({ type: 'Ready', status: 'True', reason: 'Completed' });
    const kept = buildStatus(cluster({ status }), 1, { assessment: completed, plugins: [] });
    expect(kept.conditions?.[3]).toMatchObject(condition);
    const over = buildStatus(cluster({ status }), 2, { assessment: completed, plugins: [], pressure: null });
    expect(over.conditions?.[3]).toMatchObject({ status: 'False', reason: 'EtcdHasRoom' });
  });

  test('has no condition of a datastore for an existing cluster', () => {
    const { conditions } = buildStatus(cluster(), 0, { assessment: completed, plugins: [] });
    expect(conditions?.map(({ type }) => type)).toEqual(['Ready', 'Reconciling', 'Stalled']);
  });

  test('counts the plugins that are installed', () => {
    const plugins = [
      { name: 'dns', phase: 'Installed' },
      { name: 'web', phase: 'Pending' },
    ] as const;
    const status = buildStatus(cluster(), 0, { assessment: completed, plugins: [...plugins] });
    expect(status.pluginsReady).toBe('1/2');
  });

  test('keeps since when the cluster was ready for plugins', () => {
    const first = buildStatus(cluster(), 0, { assessment: completed, plugins: [], equippedAt: TIME });
    const second = buildStatus(cluster({ status: first }), 1, { assessment: completed, plugins: [] });
    expect([first.equippedAt, second.equippedAt]).toEqual([TIME, TIME]);
  });
});
