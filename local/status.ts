import { tryKubectl } from './kubectl.ts';
import { initOf } from './machine.ts';
import { type Cluster, knownCluster } from './state.ts';

async function machineLines(cluster: Cluster): Promise<string[]> {
  return Promise.all(
    cluster.addresses.machines.map(async ({ name, address }) => {
      const init = await initOf(cluster, name);
      return `${name.padEnd(14)} ${address.padEnd(14)} ${init === undefined ? 'stopped' : `running, init is pid ${init}`}`;
    }),
  );
}

/** A summary for people. The second value is whether the API server answers. */
export async function status(): Promise<[text: string, up: boolean]> {
  const cluster = await knownCluster();
  if (cluster === undefined) return ['no cluster: run `make up`', false];
  const nodes = await tryKubectl('get', 'nodes', '-o', 'wide');
  const lines = [
    `names outside the clone begin with ${cluster.names.prefix}; subnet ${cluster.addresses.subnet}; registry ${cluster.registry}`,
    ...(await machineLines(cluster)),
    nodes.ok ? nodes.stdout : `the API server at ${cluster.apiServer} does not answer: run \`make up\``,
  ];
  return [lines.join('\n'), nodes.ok];
}
