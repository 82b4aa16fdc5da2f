import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { JoinOrder } from '#api/contract/join-order.ts';
import { containerdFiles } from './containerd.ts';
import { kubeconfigFiles } from './kubeconfigs.ts';
import { kubeletFiles } from './kubelet.ts';
import { type Files, type Machine, pathsIn } from './machine.ts';
import { networkFiles } from './network.ts';

/** All files that a node needs before its first program starts. `resolvConf`: the resolver of the tenant's pods. */
export function nodeFiles(order: JoinOrder, machine: Machine, resolvConf: string): Files {
  return {
    ...containerdFiles(order, machine),
    ...kubeconfigFiles(order, machine),
    ...kubeletFiles(order, machine),
    ...networkFiles(order, machine),
    [pathsIn(machine.folders).resolvConf]: { text: resolvConf, mode: 0o644 },
  };
}

/** Folders that must exist. */
export function nodeFolders({ folders }: Machine): string[] {
  const paths = pathsIn(folders);
  return [folders.kubelet, folders.containerd, folders.run, paths.cniConfig, dirname(paths.subnet)];
}

/** Writes files atomically: readers see the old text or the new one. */
export async function writeFiles(files: Files): Promise<void> {
  for (const [path, { text, mode }] of Object.entries(files)) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(`${path}.new`, text, { mode });
    await rename(`${path}.new`, path);
  }
}
