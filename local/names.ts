import { createHash } from 'node:crypto';

/** The machines of the local cluster, in boot order; the first one runs the control plane. */
export const machineNames = ['control-plane', 'worker-1', 'worker-2', 'worker-3'] as const;
export type MachineName = (typeof machineNames)[number];

/** The one that tests move into another cluster. Pods of this one go there last: it is tainted PreferNoSchedule. */
export const spareMachine = 'worker-3' satisfies MachineName;

/** Names of everything that a clone leaves outside its folder. */
export type Names = {
  /** Prefix of all the others: `pn-` and a hash of the clone's path. Fits a link name with room to spare. */
  prefix: string;
  /** Link of the host into the machines' network. */
  hostLink: string;
  /** Network namespace that holds the bridge, so that no firewall rule of the host sees machine traffic. */
  switchNamespace: string;
  /** Control group of all machines, relative to each controller's root. */
  cgroup: string;
};

/** Two clones on one machine get different names; the same clone always gets the same. */
export function namesFor(clonePath: string): Names {
  const prefix = `pn-${createHash('sha256').update(clonePath).digest('hex').slice(0, 6)}`;
  return { prefix, hostLink: prefix, switchNamespace: `${prefix}-switch`, cgroup: prefix };
}

/** Network namespace of one machine. */
export const namespaceOf = (names: Names, machine: MachineName): string => `${names.prefix}-${machine}`;

/** Link of one machine on the bridge: at most 15 characters, the kernel's limit. */
export const portOf = (names: Names, machine: MachineName): string =>
  `${names.prefix}-${machineNames.indexOf(machine)}`;

export const isMachineName = (text: string): text is MachineName =>
  (machineNames as readonly string[]).includes(text);
