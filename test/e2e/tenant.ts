/** A cluster of Pinion's own, as its owner sees it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { VirtualClusterSpec } from '#api/kinds/virtualcluster.ts';
import { type Tool, tool } from '#dev/cluster/tools.ts';
import { aVirtualCluster, type Manifest } from '#test/builders/manifests.ts';
import { get } from '#test/kubectl.ts';
import { status } from './world.ts';

/** A VirtualCluster whose control plane and one worker pod of 1 CPU and 1 GiB Pinion makes. */
export const aTenant = (namespace: string, name: string, spec: VirtualClusterSpec = {}): Manifest => ({
  ...aVirtualCluster(namespace, name, []),
  spec: { promoteResources: { resources: { cpu: 1, memory: '1Gi' } }, ...spec },
});

/** kubectl with the kubeconfig that the status names, and where that is for the length of this test. */
export async function ownerOf(namespace: string, name: string): Promise<{ kubectl: Tool; path: string }> {
  const reference = (await status(namespace, name))?.kubeconfigSecretRef;
  const secret =
    reference && (await get<{ data: Record<string, string> }>('secret', reference.name, namespace));
  const encoded = secret?.data[reference?.key ?? 'kubeconfig'];
  if (encoded === undefined) throw new Error(`${namespace}/${name} has no kubeconfig`);
  const directory = await mkdtemp(join(tmpdir(), 'pinion-tenant-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const path = join(directory, 'kubeconfig');
  await writeFile(path, Buffer.from(encoded, 'base64'), { mode: 0o600 });
  return { kubectl: tool('kubectl', path), path };
}
