import { expect, test } from 'vitest';
import type { VirtualCluster } from '#api/kinds/objects.ts';
import type { KubeClient } from '#kube/client.ts';
import { cluster } from '#test/observed.ts';
import { isProvisioned } from './finalize.ts';

const existing = { spec: { kubeconfigSecretRef: { name: 'a' } } };
const none: Record<string, number> = {};

test.each<[string, Partial<VirtualCluster>, Record<string, number>, boolean]>([
  ['a cluster of ours', {}, none, true],
  ['an existing one', existing, none, false],
  ['one that was ours, with machines that it keeps', existing, { ConfigMap: 1 }, true],
  ['one that was ours, with keys of a control plane', existing, { Secret: 1 }, true],
  [
    'one that was ours, whose keys are gone already',
    { ...existing, status: { phase: 'AllNodeDeleted' } },
    none,
    true,
  ],
])('nodes and control plane are taken down: %s', async (_what, object, found, expected) => {
  const list = async ({ kind }: { kind: string }) => ({
    items: Array.from({ length: found[kind] ?? 0 }, () => ({})),
  });
  const client = { list } as unknown as KubeClient;
  expect(await isProvisioned(client, cluster(object))).toBe(expected);
});
