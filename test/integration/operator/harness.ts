import { inject } from 'vitest';
import { LABEL, SYSTEM_NAMESPACE } from '#api/contract/names.ts';
import { formatTerminationMessage, type Report } from '#api/contract/report.ts';
import type { VirtualCluster } from '#api/kinds/objects.ts';
import { writeKubeconfig } from '#api/kubeconfig.ts';
import { KubeClient } from '#kube/client.ts';
import { systemClock } from '#kube/clock.ts';
import { kubeconfigConnection } from '#kube/connection.ts';
import { silentLog } from '#kube/log.ts';
import { type Job, jobs, type Pod, pods, virtualClusters } from '#kube/resources.ts';
import { createTargets } from '#operator/access/target.ts';
import { ReferenceReader } from '#operator/host/references.ts';
import { createMetrics } from '#operator/metrics.ts';
import { Operator } from '#operator/operator.ts';
import {
  aNamespace,
  aPlugin,
  aSecret,
  aVirtualCluster,
  type Manifest,
  withSpecFields,
} from '#test/builders/manifests.ts';
import { apply, eventually, kubectl } from '#test/kubectl.ts';
import { installKinds as installDefinitions } from '../webhook/harness.ts';
import { injectionPolicy } from './injection-policy.ts';

/** With every right: for what users, the kubelet and the tests do. */
export const connect = async () => new KubeClient(await kubeconfigConnection(inject('kubeconfig')));

/** With the rights of the operator's service account and no more. */
export async function connectAsOperator(): Promise<KubeClient> {
  const connection = await kubeconfigConnection(inject('kubeconfig'));
  const user = 'system:serviceaccount:pinion-system:pinion-operator';
  const headers = async () => ({ ...(await connection.headers()), 'impersonate-user': user });
  return new KubeClient({ ...connection, headers });
}

export async function installKinds(): Promise<void> {
  await installDefinitions();
  const objects = {
    apiVersion: 'v1',
    kind: 'List',
    items: [aNamespace(SYSTEM_NAMESPACE), ...injectionPolicy],
  };
  // Server-side, as several files do it at once: of two that create, one would fail.
  const serverSide = ['apply', '--server-side', '--force-conflicts'];
  await kubectl([...serverSide, '-f', '-'], JSON.stringify(objects));
  await kubectl([...serverSide, '-f', 'deploy/operator/rbac.yaml']);
}

/** A target that a test can take away. Its kubeconfig is read as always; only the call to it is played. */
export type TargetSwitch = { unreachable?: Error | undefined };

/** Runs an operator over the VirtualClusters that are labelled test=`selects`, until the answer's stop is called. */
export async function startOperator(
  selects: string,
  {
    target = {},
    betweenWrites,
  }: { target?: TargetSwitch; betweenWrites?: ((after: string) => void) | undefined } = {},
): Promise<{ stop: () => Promise<void> }> {
  const client = await connectAsOperator();
  const references = new ReferenceReader({ client, clock: systemClock });
  const { read } = createTargets({ references, clock: systemClock });
  const probe = async () => {
    if (target.unreachable) throw target.unreachable;
    return { uid: 'uid-of-the-target' };
  };
  const operator = new Operator({
    client,
    clock: systemClock,
    log: silentLog,
    metrics: createMetrics(),
    settings: { allowHostPaths: ['/opt'], allowSourceCidrs: [], sourceSecureLoose: false },
    namespace: SYSTEM_NAMESPACE,
    controlPlanes: { serviceType: 'NodePort', certificateLifetimeMs: 90 * 86_400_000 },
    workerMaxSize: { cpuMillis: 8_000, memoryBytes: 32 * 2 ** 30 },
    insecureRegistries: [],
    promotableLabels: {},
    executor: { image: 'pinion/executor', logFormat: 'text' },
    concurrency: 4,
    clusterSelector: `test=${selects}`,
    targets: { read, probe },
    ...(betweenWrites && { betweenWrites }),
  });
  const stop = new AbortController();
  await operator.startCaches(stop.signal);
  const running = operator.run(stop.signal);
  return {
    stop: async () => {
      stop.abort();
      await running;
    },
  };
}

export const kubeconfig = writeKubeconfig({
  server: 'https://203.0.113.10:6443',
  insecureSkipTlsVerify: false,
  token: 'not-a-token',
});

/** A namespace with plugins of host paths, which need nothing else to be there, and a VirtualCluster of them. */
export async function given(
  selects: string,
  namespace: string,
  plugins: string[],
  spec: object = {},
): Promise<void> {
  await apply(aNamespace(namespace), aSecret(namespace, 'target', { kubeconfig }));
  await apply(
    ...plugins.map((name) => hostPlugin(namespace, name, spec)),
    aClusterOf(selects, namespace, plugins),
  );
}

export function aClusterOf(
  selects: string,
  namespace: string,
  plugins: string[],
  spec: object = {},
): Manifest {
  const manifest = aVirtualCluster(namespace, 'vc', plugins, withSpecFields(spec));
  return { ...manifest, metadata: { ...manifest.metadata, labels: { test: selects } } };
}

export const hostPlugin = (namespace: string, name: string, spec: object = {}) =>
  aPlugin(namespace, name, { pluginSources: { yaml: { path: { hostPath: `/opt/${name}` } } }, ...spec });

export const clusterIn = (client: KubeClient, namespace: string) =>
  client.get(virtualClusters, { namespace, name: 'vc' });

/** Waits for the cluster to be in a state, and gives it. */
export const whenCluster = (
  client: KubeClient,
  namespace: string,
  what: string,
  holds: (cluster: VirtualCluster) => boolean,
  seconds = 90,
) =>
  eventually(
    `the VirtualCluster in ${namespace} ${what}`,
    seconds,
    async () => {
      const cluster = await clusterIn(client, namespace);
      return holds(cluster) && cluster;
    },
    async () => JSON.stringify((await clusterIn(client, namespace)).status, undefined, 1),
  );

export const jobsIn = async (client: KubeClient, namespace: string): Promise<Job[]> =>
  (await client.list(jobs, { namespace })).items;

/** Waits for a pod of the plugin that has not ended, other than the one with the uid `not`. */
export const podOf = (client: KubeClient, namespace: string, plugin: string, not?: string): Promise<Pod> =>
  eventually(`a pod of ${plugin} in ${namespace}`, 90, async () => {
    const { items } = await client.list(pods, { namespace, labelSelector: `${LABEL.pluginName}=${plugin}` });
    return items.find(({ metadata, status }) => status?.phase === 'Pending' && metadata.uid !== not);
  });

/** What the kubelet does when the executor ends. */
export async function end(
  client: KubeClient,
  pod: Pod,
  exitCode: number,
  report: Partial<Report> & Pick<Report, 'reason'>,
  transcript = '',
): Promise<void> {
  const message = formatTerminationMessage({ step: 'install', message: '', ...report }, transcript);
  const now = new Date().toISOString().replace(/\.\d+Z/, 'Z');
  const terminated = { exitCode, message, startedAt: now, finishedAt: now };
  const containers = [
    { name: 'executor', ready: false, restartCount: 0, image: 'x', imageID: 'x', state: { terminated } },
  ];
  const phase = exitCode === 0 ? 'Succeeded' : 'Failed';
  await client.patch(
    pods,
    pod.metadata,
    { status: { phase, containerStatuses: containers } },
    { subresource: 'status' },
  );
}

export const succeed = (client: KubeClient, pod: Pod, report: Partial<Report> = {}) =>
  end(client, pod, 0, { reason: 'Succeeded', verified: 'NotAsked', ...report });
