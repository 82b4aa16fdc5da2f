import { existsSync } from 'node:fs';
import { type MachineName, machineNames, namespaceOf, portOf } from './names.ts';
import { attempt, run } from './run.ts';
import type { Cluster } from './state.ts';

const ip = (...args: string[]) => run(['ip', ...args]);

/** Makes the switch: a bridge in a namespace of its own and one link from the host into it. */
export async function makeSwitch({ names, addresses }: Cluster): Promise<void> {
  const inside = ['-n', names.switchNamespace];
  await ip('netns', 'add', names.switchNamespace);
  await ip(...inside, 'link', 'add', 'bridge', 'type', 'bridge');
  await ip(...inside, 'link', 'set', 'bridge', 'up');
  await ip(
    'link',
    'add',
    names.hostLink,
    'type',
    'veth',
    'peer',
    'name',
    'host',
    'netns',
    names.switchNamespace,
  );
  await ip(...inside, 'link', 'set', 'host', 'master', 'bridge', 'up');
  await ip('addr', 'add', `${addresses.host}/24`, 'dev', names.hostLink);
  await ip('link', 'set', names.hostLink, 'up');
}

/** Makes the namespace of one machine, plugs it into the switch, and routes to the other machines' pods. */
export async function plugMachine({ names, addresses }: Cluster, machine: MachineName): Promise<void> {
  const namespace = namespaceOf(names, machine);
  const port = portOf(names, machine);
  const own = addresses.machines.find((m) => m.name === machine);
  await ip('netns', 'add', namespace);
  await ip(
    '-n',
    names.switchNamespace,
    'link',
    'add',
    port,
    'type',
    'veth',
    'peer',
    'name',
    'eth0',
    'netns',
    namespace,
  );
  await ip('-n', names.switchNamespace, 'link', 'set', port, 'master', 'bridge', 'up');
  await ip('-n', namespace, 'addr', 'add', `${own?.address}/24`, 'dev', 'eth0');
  await ip('-n', namespace, 'link', 'set', 'lo', 'up');
  await ip('-n', namespace, 'link', 'set', 'eth0', 'up');
  // Service addresses need some route before kube-proxy rewrites them. The host doesn't forward.
  await ip('-n', namespace, 'route', 'add', 'default', 'via', addresses.host);
  for (const other of addresses.machines)
    if (other.name !== machine)
      await ip('-n', namespace, 'route', 'add', other.podRange, 'via', other.address);
  await run(['ip', 'netns', 'exec', namespace, 'sysctl', '-qw', 'net.ipv4.ip_forward=1']);
}

const deleteNamespace = async (name: string) => {
  if (existsSync(`/run/netns/${name}`)) await ip('netns', 'delete', name);
};

/** Takes one machine off the switch. */
export async function unplugMachine({ names }: Cluster, machine: MachineName): Promise<void> {
  await attempt(['ip', '-n', names.switchNamespace, 'link', 'delete', portOf(names, machine)]);
  await deleteNamespace(namespaceOf(names, machine));
}

/** Removes all namespaces and links of the clone; fine if there are none. */
export async function removeNetwork(cluster: Cluster): Promise<void> {
  for (const machine of machineNames) await unplugMachine(cluster, machine);
  await attempt(['ip', 'link', 'delete', cluster.names.hostLink]);
  await deleteNamespace(cluster.names.switchNamespace);
}

/** True if any namespace or link of the clone exists. */
export function networkExists({ names }: Cluster): boolean {
  const namespaces = [names.switchNamespace, ...machineNames.map((machine) => namespaceOf(names, machine))];
  return (
    existsSync(`/sys/class/net/${names.hostLink}`) ||
    namespaces.some((name) => existsSync(`/run/netns/${name}`))
  );
}
