import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { LABEL, LEAST_WORKERS, WORKER_COMPONENT } from '#api/contract/names.ts';
import type { VirtualCluster } from '#api/kinds/objects.ts';
import { parseKubeconfig } from '#api/kubeconfig.ts';
import { aNamespace } from '#test/builders/manifests.ts';
import { apply, eventually, get, kubectl, list } from '#test/kubectl.ts';
import { answerTo, asClientOf } from './credentials.ts';
import { replacePods } from './lost-pods.ts';
import { kubeconfigFile } from './tenant.ts';
import { aScript, aServerOn, aService, clientOf } from './tenant-pods.ts';
import { status, untilPhase } from './world.ts';

const namespace = 'e2e-workers';
const name = 'sized';
type Named = { metadata: { name: string } };
type NodeObject = Named & { status: { allocatable: Record<string, string> } };

/** A cluster with two worker pods that add up to this size. */
const aSizedCluster = (cpu: string, memory: string) => ({
  apiVersion: 'kosmos.io/v1alpha1',
  kind: 'VirtualCluster',
  metadata: { namespace, name },
  spec: { promoteResources: { resources: { cpu, memory, [LEAST_WORKERS]: 2 } } },
});

let kubeconfig = { path: '', remove: async () => {} };
/** kubectl in the tenant, as its administrator. */
const tenant = (args: string[], input?: string) =>
  kubectl([`--kubeconfig=${kubeconfig.path}`, ...args], input);
const applyInTenant = (...objects: object[]) =>
  tenant(['apply', '-f', '-'], objects.map((object) => JSON.stringify(object)).join('\n---\n'));
const tenantNodes = async () => list<NodeObject>('nodes', `--kubeconfig=${kubeconfig.path}`);
const workerPods = () => list<Named>('pods', '-n', namespace, '-l', `${LABEL.component}=${WORKER_COMPONENT}`);

/** A cluster with two workers, and a server of the tenant on each: `server-0` and `server-1` behind a Service. */
beforeAll(async () => {
  await kubectl(['delete', 'vc', '--all', '-n', namespace, '--ignore-not-found', '--timeout=120s']).catch(
    () => '',
  );
  await kubectl(['delete', 'namespace', namespace, '--ignore-not-found', '--timeout=120s']);
  await apply(aNamespace(namespace), aSizedCluster('400m', '1Gi'));
  await untilPhase(namespace, name, 'Completed', 240);
  kubeconfig = await kubeconfigFile(namespace, name);
  const nodes = (await tenantNodes()).map(({ metadata }) => metadata.name);
  const servers = nodes.map((nodeName, index) => aServerOn(nodeName, `server-${index}`));
  await applyInTenant(aService('server'), ...servers);
  await tenant(['wait', '--for=condition=Ready', '--timeout=120s', 'pod/server-0', 'pod/server-1']);
});

afterAll(() => kubeconfig.remove());

test('worker nodes offer exactly the size that the cluster asks for', async () => {
  const offered = (await tenantNodes()).map(({ status: { allocatable } }) => allocatable);
  expect(offered.map(({ cpu, memory }) => [cpu, memory])).toEqual([
    ['200m', '512Mi'],
    ['200m', '512Mi'],
  ]);
});

test('the bootstrap tokens of joined workers are revoked', async () => {
  await eventually('no bootstrap token is left', 30, async () => {
    const flags = ['-n', 'kube-system', '--field-selector=type=bootstrap.kubernetes.io/token', '-o', 'name'];
    return (await tenant(['get', 'secrets', ...flags])) === '';
  });
});

test('a worker holds one credential, which opens its own node and nothing else', async () => {
  const [pod] = await workerPods();
  const inWorker = (script: string) =>
    kubectl(['exec', '-n', namespace, pod?.metadata.name ?? '', '--', 'sh', '-c', script]);
  const pem = await inWorker('cat /var/lib/kubelet/pki/kubelet-client-current.pem');
  const { subject } = new X509Certificate(pem);
  expect(subject).toMatch(/^O=system:nodes\nCN=system:node:\S+$/);
  const own = parseKubeconfig(await readFile(kubeconfig.path, 'utf8'));
  const host = parseKubeconfig(await readFile(inject('kubeconfig'), 'utf8'));
  const node = asClientOf(own, { cert: pem, key: pem });
  expect(await answerTo(node, `/api/v1/nodes/${subject.split(':').at(-1)}`)).toBe(200);
  expect(await answerTo(node, '/api/v1/secrets')).toBe(403);
  expect(await answerTo(asClientOf(host, { cert: pem, key: pem }), '/api')).toBe(401);
  // The pod holds no credential of an administrator.
  expect(await inWorker('grep -rlIF client-key-data /etc /var/lib/kubelet 2>/dev/null || true')).toBe('');
  expect(await inWorker('ls /var/run/secrets/kubernetes.io 2>/dev/null || true')).toBe('');
});

test('pods on both workers reach each other and the API by address and by name', async () => {
  const addressOf = (pod: string) => tenant(['get', 'pod', pod, '-o', 'jsonpath={.status.podIP}']);
  const addresses = await Promise.all(['server-0', 'server-1'].map(addressOf));
  const urls = [
    ...addresses.map((address) => `http://${address}:8080`),
    'http://server',
    'https://kubernetes.default/version',
  ];
  const nodes = (await tenantNodes()).map(({ metadata }) => metadata.name);
  const clients = nodes.map((nodeName, index) => aScript(`client-${index}`, clientOf(urls), { nodeName }));
  await applyInTenant(...clients);
  for (const pod of ['client-0', 'client-1']) {
    await tenant(['wait', '--for=jsonpath={.status.phase}=Succeeded', '--timeout=120s', `pod/${pod}`]);
    const log = await tenant(['logs', pod]);
    expect(log.split('\n').filter((line) => /^\d+$/.test(line))).toEqual(['200', '200', '200', '200']);
  }
  expect(await tenant(['exec', 'server-0', '--', 'hostname'])).toBe('server-0');
});

test('a pod that exceeds the memory of its worker is killed, and the worker keeps running', async () => {
  const hog = 'const buffers = []; setInterval(() => buffers.push(Buffer.alloc(20e6, 1)), 20);';
  await applyInTenant(aScript('hog', hog));
  const terminated = '{.status.containerStatuses[0].state.terminated';
  const how = `jsonpath=${terminated}.reason} ${terminated}.exitCode}`;
  const end = await eventually(
    'the pod is killed',
    60,
    async () => (await tenant(['get', 'pod', 'hog', '-o', how])).trim() || undefined,
  );
  // containerd may see the exit by SIGKILL before it learns that memory was the reason.
  expect(end).toMatch(/^(OOMKilled \d+|Error 137)$/);
  const restarts = '{.items[*].status.containerStatuses[*].restartCount}';
  const selector = ['-l', `${LABEL.component}=${WORKER_COMPONENT}`, '-n', namespace];
  expect(await kubectl(['get', 'pods', ...selector, '-o', `jsonpath=${restarts}`])).toBe('0 0');
});

test('the pods of a worker together are limited to the cpu that the cluster asks for', async () => {
  const [pod] = await workerPods();
  const quota =
    'cat /sys/fs/cgroup/cpu/pinion/cpu.cfs_quota_us 2>/dev/null || cat /sys/fs/cgroup/pinion/cpu.max';
  const limit = await kubectl(['exec', '-n', namespace, pod?.metadata.name ?? '', '--', 'sh', '-c', quota]);
  expect(limit).toMatch(/^20000\b/);
});

/** State that must survive the loss of a component: data, running pods, installed plugins. */
async function lastingState() {
  const servers = ['get', 'pods', '-l', 'app=server', '-o'];
  const path =
    '{range .items[*]}{.metadata.uid} {.status.phase} {.status.containerStatuses[0].restartCount}{"\\n"}{end}';
  const plugins = (await status(namespace, name))?.plugins;
  return {
    data: await tenant(['get', 'configmap', 'kept', '-o', 'jsonpath={.data}']),
    pods: await tenant([...servers, `jsonpath=${path}`]),
    plugins: plugins?.map(({ phase, job, digest }) => [phase, job, digest]),
  };
}

const podsOf = (component: string) => [
  '-n',
  namespace,
  '-l',
  `${LABEL.clusterName}=${name},app.kubernetes.io/name=${component}`,
];
const OPERATOR = ['-n', 'pinion-system', '-l', 'app.kubernetes.io/component=operator'];

test.each([
  ['etcd', podsOf('etcd')],
  ['the API server', podsOf('kube-apiserver')],
  ['every operator', OPERATOR],
])('data, running pods and installed plugins survive the loss of %s', async (_what, pods) => {
  await applyInTenant({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { namespace: 'default', name: 'kept' },
    data: { a: 'b' },
  });
  const before = await lastingState();
  expect(before.pods.trim().split('\n')).toEqual(Array(2).fill(expect.stringMatching(/ Running 0$/)));
  await replacePods(pods);
  await eventually('data, pods and plugins are unchanged', 90, async () =>
    isDeepStrictEqual(await lastingState().catch(() => undefined), before),
  );
  expect((await untilPhase(namespace, name, 'Completed', 90)).nodesReady).toBe('2/2');
});

test('a new size replaces the workers and leaves the plugins alone', async () => {
  const before = await status(namespace, name);
  const old = (await tenantNodes()).map(({ metadata }) => metadata.name);
  await apply(aSizedCluster('500m', '1Gi'));
  const during = await untilPhase(namespace, name, 'Updating', 30);
  expect(during.plugins?.map(({ phase }) => phase)).toEqual(before?.plugins?.map(() => 'Installed'));
  const after = await untilPhase(namespace, name, 'Completed', 240);
  expect(after.plugins?.map(({ job, digest }) => [job, digest])).toEqual(
    before?.plugins?.map(({ job, digest }) => [job, digest]),
  );
  const now = await tenantNodes();
  expect(now.map(({ status: { allocatable } }) => allocatable['cpu'])).toEqual(['250m', '250m']);
  expect(now.filter(({ metadata }) => old.includes(metadata.name))).toEqual([]);
  expect(await workerPods()).toHaveLength(2);
});

test('deleting a cluster with workers takes less than a minute and leaves nothing in the host', async () => {
  const uid = (await get<VirtualCluster>('vc', name, namespace))?.metadata.uid;
  await kubectl(['delete', 'vc', name, '-n', namespace, '--timeout=60s']);
  const kinds = 'pods,secrets,services,deployments,statefulsets,persistentvolumeclaims,configmaps';
  const left = ['get', kinds, '-n', namespace, '-l', `${LABEL.clusterUid}=${uid}`, '-o', 'name'];
  await eventually('nothing is left', 30, async () => (await kubectl(left)) === '');
});
