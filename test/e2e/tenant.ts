/** A managed cluster, as its owner sees it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { VirtualClusterSpec } from '#api/kinds/virtualcluster.ts';
import { type Tool, tool } from '#dev/cluster/tools.ts';
import { aVirtualCluster, type Manifest } from '#test/builders/manifests.ts';
import { get } from '#test/kubectl.ts';
import { status } from './world.ts';

/** A VirtualCluster with a control plane made by Pinion and one worker pod of 1 CPU and 1 GiB. */
export const aTenant = (namespace: string, name: string, spec: VirtualClusterSpec = {}): Manifest => ({
  ...aVirtualCluster(namespace, name, []),
  spec: { promoteResources: { resources: { cpu: 1, memory: '1Gi' } }, ...spec },
});

/** Writes the kubeconfig that the status names to a file, which `remove` deletes with its folder. */
export async function kubeconfigFile(
  namespace: string,
  name: string,
): Promise<{ path: string; remove: () => Promise<void> }> {
  const reference = (await status(namespace, name))?.kubeconfigSecretRef;
  const secret =
    reference && (await get<{ data: Record<string, string> }>('secret', reference.name, namespace));
  const encoded = secret?.data[reference?.key ?? 'kubeconfig'];
  if (encoded === undefined) throw new Error(`${namespace}/${name} has no kubeconfig`);
  const folder = await mkdtemp(join(tmpdir(), 'pinion-tenant-'));
  const path = join(folder, 'kubeconfig');
  await writeFile(path, Buffer.from(encoded, 'base64'), { mode: 0o600 });
  return { path, remove: () => rm(folder, { recursive: true }) };
}

/** kubectl with the owner's kubeconfig, and its path, for the duration of this test. */
export async function ownerOf(namespace: string, name: string): Promise<{ kubectl: Tool; path: string }> {
  const { path, remove } = await kubeconfigFile(namespace, name);
  onTestFinished(remove);
  return { kubectl: tool('kubectl', path), path };
}
