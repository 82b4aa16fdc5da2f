/** The namespace that every e2e test starts from, and ways to wait for a VirtualCluster. */
import { readFile } from 'node:fs/promises';
import { inject } from 'vitest';
import type { VirtualCluster } from '#api/kinds/objects.ts';
import type { PluginStatus } from '#api/kinds/virtualcluster.ts';
import { aNamespace, aSecret } from '#test/builders.ts';
import { apply, eventually, get, kubectl } from '#test/kubectl.ts';

/** A fresh namespace with a Secret `target`: the admin kubeconfig of the cluster under test itself. */
export async function freshNamespace(name: string, labels: Record<string, string> = {}): Promise<void> {
  await kubectl(['delete', 'vc', '--all', '-n', name, '--ignore-not-found', '--timeout=300s']).catch(
    () => '',
  );
  await kubectl(['delete', 'namespace', name, '--ignore-not-found', '--timeout=300s']);
  await apply(aNamespace(name, labels));
  await apply(aSecret(name, 'target', { kubeconfig: await readFile(inject('kubeconfig'), 'utf8') }));
}

/** Kills all operators at once and without grace, as a loss of their nodes would. */
export async function killOperators(): Promise<void> {
  const selector = ['-n', 'pinion-system', '-l', 'app.kubernetes.io/component=operator'];
  await kubectl(['delete', 'pods', ...selector, '--grace-period=0', '--force', '--wait=false']);
}

export const status = async (namespace: string, name: string) =>
  (await get<VirtualCluster>('vc', name, namespace))?.status;

export async function pluginStatus(
  namespace: string,
  cluster: string,
  plugin: string,
): Promise<PluginStatus | undefined> {
  return (await status(namespace, cluster))?.plugins?.find(({ name }) => name === plugin);
}

const describeCluster = (namespace: string, name: string) => () =>
  kubectl(['get', 'vc', name, '-n', namespace, '-o', 'yaml', '--show-managed-fields=false']);

export const untilPhase = (namespace: string, name: string, phase: string, seconds: number) =>
  eventually(
    `${namespace}/${name} is ${phase}`,
    seconds,
    async () => {
      const current = await status(namespace, name);
      return current?.phase === phase ? current : undefined;
    },
    describeCluster(namespace, name),
  );

/** Waits until the status of one plugin satisfies `test`. @returns that status */
export const untilPlugin = (
  namespace: string,
  cluster: string,
  plugin: string,
  seconds: number,
  test: (plugin: PluginStatus) => boolean,
) =>
  eventually(
    `plugin ${plugin} of ${namespace}/${cluster}`,
    seconds,
    async () => {
      const current = await pluginStatus(namespace, cluster, plugin);
      return current && test(current) ? current : undefined;
    },
    describeCluster(namespace, cluster),
  );
