import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ANNOTATION, EXECUTOR_COMPONENT, jobName, LABEL } from '#api/contract/names.ts';
import type { PluginInstallation, VirtualCluster } from '#api/kinds/objects.ts';
import type { PluginStatus, VirtualClusterSpec } from '#api/kinds/virtualcluster.ts';
import type { VirtualClusterPluginSpec } from '#api/kinds/virtualclusterplugin.ts';
import type { KubeClient } from '#kube/client.ts';
import { jobs, pluginInstallations, pods, virtualClusterPlugins, virtualClusters } from '#kube/resources.ts';
import { aNamespace, aPlugin, aSecret } from '#test/builders.ts';
import { apply, eventually, kubectl } from '#test/kubectl.ts';
import {
  aClusterOf,
  clusterIn,
  connect,
  end,
  installKinds,
  jobsIn,
  podOf,
  startOperator,
  succeed,
  whenCluster,
} from './harness.ts';

/** Written by the operator of the release before PluginInstallation, for exactly these plugins and this cluster. */
type Recorded = {
  plugins: { name: string; spec: VirtualClusterPluginSpec }[];
  spec: VirtualClusterSpec;
  status: PluginStatus[];
};

const kubeconfigOf = (server: string) => `apiVersion: v1
kind: Config
current-context: target
clusters: [{name: target, cluster: {server: "${server}"}}]
contexts: [{name: target, context: {cluster: target, user: target}}]
users: [{name: target, user: {token: not-a-token}}]`;

const namespace = 'op-takeover';
const SELECTS = 'takeover';
let client: KubeClient;
let recorded: Recorded;
let before: Awaited<ReturnType<typeof hostState>>;
let operator: { stop: () => Promise<void> } | undefined;

/** What the earlier release left in the host: the cluster with its status, and one finished Job per plugin. */
beforeAll(async () => {
  client = await connect();
  await installKinds();
  recorded = JSON.parse(await readFile('test/fixtures/takeover/recorded.json', 'utf8')) as Recorded;
  const kubeconfig = kubeconfigOf('https://203.0.113.10:6443');
  await apply(aNamespace(namespace), aSecret(namespace, 'target', { kubeconfig }));
  await apply(
    ...recorded.plugins.map(({ name, spec }) => aPlugin(namespace, name, spec)),
    aClusterOf(SELECTS, namespace, [], recorded.spec),
  );
  const cluster = await clusterIn(client, namespace);
  const plugins = await Promise.all(recorded.status.map((entry) => finishedJob(cluster, entry)));
  await client.patch(virtualClusters, cluster.metadata, { status: { plugins } }, { subresource: 'status' });
  before = await hostState();
  operator = await startOperator(SELECTS);
});
afterAll(() => operator?.stop());

/** Runs the Job of an entry to its end, and gives the entry with the name of that Job. */
async function finishedJob(cluster: VirtualCluster, entry: PluginStatus): Promise<PluginStatus> {
  const plugin = await client.get(virtualClusterPlugins, { namespace, name: entry.name });
  const digest = entry.digest ?? entry.failedDigest ?? '';
  const clusterUid = cluster.metadata.uid;
  const name = jobName({ plugin: entry.name, clusterUid, pluginUid: plugin.metadata.uid, digest, retry: '' });
  const labels = {
    [LABEL.component]: EXECUTOR_COMPONENT,
    [LABEL.clusterNamespace]: namespace,
    [LABEL.clusterName]: 'vc',
    [LABEL.clusterUid]: clusterUid,
    [LABEL.pluginName]: entry.name,
  };
  const generation = String(plugin.metadata.generation);
  const annotations = {
    [ANNOTATION.plugin]: entry.name,
    [ANNOTATION.pluginUid]: plugin.metadata.uid,
    [ANNOTATION.pluginGeneration]: generation,
    [ANNOTATION.injectedGeneration]: generation,
    [ANNOTATION.digest]: digest,
  };
  const containers = [{ name: 'executor', image: 'pinion/executor' }];
  const spec = {
    backoffLimit: 0,
    template: { metadata: { labels, annotations }, spec: { restartPolicy: 'Never', containers } },
  };
  await client.create(jobs, { metadata: { namespace, name, labels, annotations }, spec });
  const pod = await podOf(client, namespace, entry.name);
  if (entry.phase === 'Failed')
    await end(client, pod, 41, { reason: 'VerifyTimeout', message: entry.message ?? '' });
  else await succeed(client, pod);
  await eventually(`Job ${name} has ended`, 90, async () => {
    const { status } = await client.get(jobs, { namespace, name });
    return status?.conditions?.some(({ type }) => type === 'Complete' || type === 'Failed');
  });
  return { ...entry, job: `${namespace}/${name}` };
}

const versions = (items: { metadata: { name: string; resourceVersion?: string } }[]) =>
  items.map(({ metadata }) => `${metadata.name} ${metadata.resourceVersion}`).sort();

/** All that a new installation would change in the host. */
async function hostState() {
  const { items } = await client.list(pods, { namespace });
  return { jobs: versions(await jobsIn(client, namespace)), pods: versions(items) };
}

const installations = async (): Promise<PluginInstallation[]> =>
  (await client.list(pluginInstallations, { namespace })).items;

const whenTakenOver = () =>
  eventually('every plugin has an installation with a status', 60, async () => {
    const all = await installations();
    return all.length === recorded.status.length && all.every(({ status }) => status?.phase) && all;
  });

test('installations of an earlier release are taken over with their digests, and no Job is created or run', async () => {
  const all = await whenTakenOver();
  await whenCluster(client, namespace, 'is Failed 3/4 under the new record', ({ status }) => {
    const taken = status?.plugins?.every(({ installation }) => installation !== undefined) === true;
    return taken && status?.phase === 'Failed' && status.pluginsReady === '3/4';
  });
  for (const entry of recorded.status) {
    const { status } = all.find(({ spec }) => spec.pluginRef.name === entry.name) ?? {};
    expect(status, entry.name).toMatchObject({ phase: entry.phase, message: entry.message });
    expect(status?.installed?.digest, entry.name).not.toBe(entry.digest ?? 'none');
    expect(status?.installed?.digest !== undefined, entry.name).toBe(entry.phase === 'Installed');
  }
  const cache = all.find(({ spec }) => spec.pluginRef.name === 'cache');
  expect(cache?.status?.installed).toMatchObject({
    kind: 'chart',
    targetNamespace: 'cache',
    release: 'cache',
    revision: 3,
    targetUid: 'uid-of-the-target',
  });
  expect(await hostState()).toEqual(before);
  const reasons = await kubectl(['get', 'events', '-n', namespace, '-o', 'jsonpath={.items[*].reason}']);
  expect(reasons).not.toMatch(/PluginInstalled|PluginInstalling|PluginFailed/);
});

test('a restart and a new address of the target server change nothing that was taken over', async () => {
  const taken = versions(await whenTakenOver());
  await operator?.stop();
  const kubeconfig = kubeconfigOf('https://203.0.113.99:6443');
  await apply(aSecret(namespace, 'target', { kubeconfig }));
  operator = await startOperator(SELECTS);
  await kubectl(['annotate', 'vc', 'vc', '-n', namespace, 'example.com/touched=1']);
  await whenCluster(client, namespace, 'is still Failed 3/4', ({ status }) => status?.pluginsReady === '3/4');
  // Long enough for every queue to have gone through all names.
  await expect.poll(hostState, { timeout: 4_000, interval: 1_000 }).toEqual(before);
  expect(versions(await installations())).toEqual(taken);
});

test('a failure that was taken over is retried by kosmos.io/retry, and only that plugin gets a Job', async () => {
  await whenTakenOver();
  await kubectl(['annotate', 'vc', 'vc', '-n', namespace, `${ANNOTATION.retry}=1`]);
  await succeed(client, await podOf(client, namespace, 'broken'), { verified: 'Yes' });
  await whenCluster(client, namespace, 'is Completed', ({ status }) => status?.phase === 'Completed');
  const now = (await hostState()).jobs.map((line) => line.split(' ')[0]);
  const others = before.jobs.map((line) => line.split(' ')[0] ?? '').filter((name) => !/broken/.test(name));
  expect(now).toEqual(expect.arrayContaining(others));
  expect(now).toHaveLength(recorded.status.length);
});
