import { describe, expect, test } from 'vitest';
import type { VirtualCluster } from '#api/kinds/objects.ts';
import type { VirtualClusterStatus } from '#api/kinds/virtualcluster.ts';
import type { KubeClient } from '#kube/client.ts';
import { cluster, TIME } from '#test/observed.ts';
import { isProvisioned } from './finalize.ts';

const existing = { spec: { kubeconfigSecretRef: { name: 'a' } } };
const none: Record<string, number> = {};

const returned = (type: string): VirtualClusterStatus => {
  const common = { status: 'False', message: '', lastTransitionTime: TIME } as const;
  return { conditions: [{ ...common, type, reason: 'AllNodeDeleted' }] };
};

describe('isProvisioned', () => {
  test.each<[string, Partial<VirtualCluster>, Record<string, number>, boolean]>([
    ['a managed cluster', {}, none, true],
    ['an existing cluster', existing, none, false],
    ['an existing cluster that was managed and keeps nodes', existing, { ConfigMap: 1 }, true],
    ['an existing cluster that was managed and has keys of a control plane', existing, { Secret: 1 }, true],
    [
      'an existing cluster that was managed and whose nodes are returned',
      { ...existing, status: returned('Ready') },
      none,
      true,
    ],
    [
      'an existing cluster with a phase AllNodeDeleted that a user wrote',
      { ...existing, status: { phase: 'AllNodeDeleted' } },
      none,
      false,
    ],
    [
      'an existing cluster with that reason in another condition',
      { ...existing, status: returned('Stalled') },
      none,
      false,
    ],
  ])('of %s: %4$s', async (_what, object, found, expected) => {
    const list = async ({ kind }: { kind: string }) => ({
      items: Array.from({ length: found[kind] ?? 0 }, () => ({})),
    });
    const client = { list } as unknown as KubeClient;
    expect(await isProvisioned(client, cluster(object))).toBe(expected);
  });
});
