import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { MachineName } from './names.ts';

/** The clone's folder. */
export const clone = dirname(dirname(fileURLToPath(import.meta.url)));
const dotLocal = join(clone, '.local');

/** Where things are inside the clone. Everything below `.local` can be deleted while the cluster is down. */
export const layout = {
  root: dotLocal,
  bin: join(dotLocal, 'bin'),
  stamps: join(dotLocal, 'stamps'),
  state: join(dotLocal, 'state.json'),
  /** Hash of what the machines were booted from. */
  booted: join(dotLocal, 'booted'),
  /** Hash of what a finished `up` was made of. */
  finished: join(dotLocal, 'finished'),
  lock: join(dotLocal, 'lock'),
  kubeconfig: join(dotLocal, 'kubeconfig'),
  registry: join(dotLocal, 'registry'),
  registryData: join(dotLocal, 'registry-data'),
  machineRoot: join(dotLocal, 'roots', 'machine'),
  baseRoot: join(dotLocal, 'roots', 'base.tar'),
  containers: join(dotLocal, 'containers'),
  pki: join(dotLocal, 'pki'),
  logs: join(dotLocal, 'logs'),
  machines: join(dotLocal, 'machines'),
  /** Audit log of the API server: level Metadata, one JSON event on each line. */
  auditLog: join(dotLocal, 'machines', 'control-plane', 'audit', 'audit.log'),
  tools: join(clone, 'images', 'tools'),
} as const;

/** Folders of one machine: an overlay over the shared root, and what may not stand on an overlay. */
export function machineLayout(machine: MachineName) {
  const home = join(layout.machines, machine);
  return {
    home,
    upper: join(home, 'upper'),
    work: join(home, 'work'),
    merged: join(home, 'merged'),
    /** Host folder → folder in the machine. */
    binds: {
      [join(home, 'containerd')]: '/var/lib/containerd',
      [join(home, 'kubelet')]: '/var/lib/kubelet',
      [join(home, 'pinion')]: '/var/lib/pinion',
      [join(home, 'volumes')]: '/opt/local-path-provisioner',
      ...(machine === 'control-plane'
        ? {
            [join(home, 'etcd')]: '/var/lib/etcd',
            [dirname(layout.auditLog)]: '/var/log/kubernetes',
            [layout.registryData]: '/var/lib/registry',
          }
        : {}),
    } as Record<string, string>,
    console: join(layout.logs, `${machine}.console.log`),
  };
}
