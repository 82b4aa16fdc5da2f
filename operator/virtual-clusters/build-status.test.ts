import { expect, test } from 'vitest';
import { virtualClusterStatus } from '#api/kinds/virtualcluster.ts';
import { cluster } from '#test/observed.ts';
import { buildStatus } from './build-status.ts';

test('a message of any length fits into the schema', () => {
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

test('nodes are counted, and what the control plane says is kept', () => {
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
