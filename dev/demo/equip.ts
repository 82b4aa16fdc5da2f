/** The first part of the demo: an existing cluster, the demo's own, gets a plugin of every kind. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Progress } from '#local/progress.ts';
import { aNamespace, aSecret } from '#test/builders.ts';
import type { TestCluster } from '../cluster/cluster.ts';
import { registryImage } from '../cluster/local-images.ts';
import { podKubeconfig } from '../cluster/pod-kubeconfig.ts';
import { demoCertificates } from './certificates.ts';
import { follow } from './follow.ts';
import { CLUSTER, NAMESPACE, TARGET } from './names.ts';
import { fixtures, packFiles } from './packages.ts';
import { demoCluster, demoPlugins } from './plugins.ts';
import { apply, run, say } from './say.ts';
import { servers } from './servers.ts';
import { fillStores, hostWriter, store } from './stores.ts';
import { table } from './table.ts';

const inNamespace = ['-n', NAMESPACE];

/** Registers the plugins, creates a VirtualCluster with the cluster's own kubeconfig and waits until it is Completed. */
export async function equip(cluster: TestCluster, progress: Progress): Promise<void> {
  const { kubectl, images } = cluster;
  await progress.step('leftovers of an earlier run removed', async () => {
    await apply(kubectl, aNamespace(NAMESPACE));
    await clear(cluster);
  });
  const nodeName = await chooseNode(cluster);
  await progress.step('volume, file on a node, HTTPS server, OCI registry', () =>
    makeSources(cluster, nodeName),
  );
  await progress.step('five plugins registered', () => apply(kubectl, ...demoPlugins(nodeName)));
  await progress.step('VirtualCluster applied until Completed', async () => {
    await apply(kubectl, demoCluster(images.executor));
    await follow(kubectl, progress);
  });
}

type Node = { metadata: { name: string }; spec: { taints?: object[] } };

/** The last node without taints: on the local cluster the second worker. */
async function chooseNode({ kubectl }: TestCluster): Promise<string> {
  const { items } = JSON.parse(await kubectl(['get', 'nodes', '-o', 'json'])) as { items: Node[] };
  const names = items.filter(({ spec }) => !spec.taints?.length).map(({ metadata }) => metadata.name);
  const name = names.sort().at(-1);
  if (name === undefined)
    throw new Error(
      'the demo needs a node without taints, and the cluster has none: remove a taint with kubectl taint',
    );
  return name;
}

/** Deletes the VirtualCluster of an earlier run, so that its Jobs run again, and a pod that has ended. */
async function clear({ kubectl }: TestCluster): Promise<void> {
  await kubectl(['delete', 'vc', CLUSTER, ...inNamespace, '--ignore-not-found', '--timeout=60s']);
  await kubectl(['delete', 'pod', 'host-writer', ...inNamespace, '--ignore-not-found', '--timeout=60s']);
}

/** Creates the servers, the volume and the node directory that hold the plugins' sources. */
async function makeSources(cluster: TestCluster, nodeName: string): Promise<void> {
  const { kubectl, images } = cluster;
  const [certificates, files, manifests] = await Promise.all([
    demoCertificates(),
    packFiles(),
    readFile(join(fixtures, 'manifests', 'limits.yaml'), 'utf8'),
  ]);
  await apply(
    kubectl,
    aSecret(NAMESPACE, TARGET, { kubeconfig: podKubeconfig(await readFile(cluster.kubeconfig, 'utf8')) }),
    ...servers({
      certificates,
      files,
      image: images.executor,
      registryImage: cluster.local ? await registryImage() : 'registry:2',
    }),
    store(images.executor),
    hostWriter(images.executor, nodeName, manifests),
  );
  const ready = ['deployment/files', 'deployment/registry', 'statefulset/charts'].map((name) =>
    kubectl(['rollout', 'status', name, ...inNamespace, '--timeout=120s']),
  );
  const written = ['wait', 'pod/host-writer', '--for=jsonpath={.status.phase}=Succeeded', '--timeout=120s'];
  await Promise.all([...ready, kubectl([...written, ...inNamespace])]);
  await fillStores(kubectl, certificates.ca);
}

const COLUMNS = ['name', 'phase', 'verified', 'release', 'revision', 'job'];
const TITLES = ['PLUGIN', ...COLUMNS.slice(1).map((column) => column.toUpperCase())];

/** The table of plugins and the log of one Job. */
export async function showEquipped({ kubectl }: TestCluster): Promise<void> {
  await run(kubectl, ['get', 'vc,vp', ...inNamespace]);
  const { status } = JSON.parse(await kubectl(['get', 'vc', CLUSTER, ...inNamespace, '-o', 'json'])) as {
    status: { plugins: Record<string, unknown>[] };
  };
  say('\nPlugins of the VirtualCluster (.status.plugins):');
  say(
    table(
      TITLES,
      status.plugins.map((plugin) => COLUMNS.map((column) => String(plugin[column] ?? '-'))),
    ),
  );
  const web = status.plugins.find(({ name }) => name === 'web');
  const [, job] = String(web?.['job'] ?? '').split('/');
  if (job) await run(kubectl, ['logs', `job/${job}`, ...inNamespace]);
}
