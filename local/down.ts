import { readdir, readFile, rm } from 'node:fs/promises';
import { cgroupExists, destroyCgroups } from './cgroups.ts';
import { layout } from './layout.ts';
import { networkExists, removeNetwork } from './network.ts';
import { attempt } from './run.ts';
import type { Cluster } from './state.ts';

/** True if processes, control groups, namespaces or links of this clone exist. */
export async function leftoversExist(cluster: Cluster): Promise<boolean> {
  return networkExists(cluster) || (await cgroupExists(cluster.names.cgroup));
}

/**
 * Ends all machines and removes what the clone has outside its folder, and the machines' disks.
 * Built programs, roots, images and the registry's content stay for the next `up`.
 */
export async function removeCluster(cluster: Cluster): Promise<void> {
  await rm(layout.finished, { force: true });
  await destroyCgroups(cluster.names.cgroup);
  await removeNetwork(cluster);
  for (const path of mountsBelow(layout.root, await readFile('/proc/self/mounts', 'utf8')))
    await attempt(['umount', '-l', path]);
  await rm(layout.machines, { recursive: true, force: true });
  await rm(layout.kubeconfig, { force: true });
  const namespaces = await readdir('/run/netns').catch(() => ['unknown']);
  if (namespaces.length === 0) await attempt(['umount', '/run/netns']); // `ip netns add` mounted it
}

/** Mount points below a folder, of what /proc/self/mounts says: deepest first. buildah leaves some of its own. */
export const mountsBelow = (folder: string, mounts: string): string[] =>
  mounts
    .split('\n')
    .map((line) => (line.split(' ')[1] ?? '').replaceAll('\\040', ' '))
    .filter((path) => path.startsWith(`${folder}/`))
    .reverse();
