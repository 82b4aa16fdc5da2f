import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { LABEL, LEAST_WORKERS, WORKER_COMPONENT } from '#api/contract/names.ts';
import type { VirtualCluster } from '#api/kinds/objects.ts';
import { parseKubeconfig } from '#api/kubeconfig.ts';
import type { Pod } from '#kube/resources.ts';
import { aNamespace } from '#test/builders/manifests.ts';
import { apply, eventually, get, kubectl, list } from '#test/kubectl.ts';
import { answerTo, asClientOf } from './credentials.ts';
import { status, untilPhase } from './world.ts';

const namespace = 'e2e-workers';
const name = 'sized';
type Named = { metadata: { name: string } };
type NodeObject = Named & { status: { allocatable: Record<string, string> } };

/** Two worker pods that add up to this. */
const cluster = (cpu: string, memory: string) => ({
  apiVersion: 'kosmos.io/v1alpha1',
  kind: 'VirtualCluster',
  metadata: { namespace, name },
  spec: { promoteResources: { resources: { cpu, memory, [LEAST_WORKERS]: 2 } } },
});

let folder = '';
let kubeconfig = '';
/** In the tenant, as its administrator. */
const tenant = (args: string[], input?: string) => kubectl([`--kubeconfig=${kubeconfig}`, ...args], input);
const tenantNodes = async () => list<NodeObject>('nodes', `--kubeconfig=${kubeconfig}`);
const workerPods = () => list<Named>('pods', '-n', namespace, '-l', `${LABEL.component}=${WORKER_COMPONENT}`);

beforeAll(async () => {
  await kubectl(['delete', 'vc', '--all', '-n', namespace, '--ignore-not-found', '--timeout=120s']).catch(
    () => '',
  );
  await kubectl(['delete', 'namespace', namespace, '--ignore-not-found', '--timeout=120s']);
  await apply(aNamespace(namespace), cluster('400m', '1Gi'));
  const { kubeconfigSecretRef } = await untilPhase(namespace, name, 'Completed', 240);
  const secret = await get<{ data: Record<string, string> }>(
    'secret',
    kubeconfigSecretRef?.name ?? '',
    namespace,
  );
  folder = await mkdtemp(join(tmpdir(), 'workers-'));
  kubeconfig = join(folder, 'kubeconfig');
  const text = Buffer.from(secret?.data[kubeconfigSecretRef?.key ?? 'kubeconfig'] ?? '', 'base64');
  await writeFile(kubeconfig, text, { mode: 0o600 });
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** A pod of the tenant that runs this JavaScript. */
const aPod = (pod: string, script: string, spec: object = {}, container: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace: 'default', name: pod, labels: { app: pod.split('-')[0] } },
  spec: {
    restartPolicy: 'Never',
    terminationGracePeriodSeconds: 0,
    ...spec,
    containers: [
      {
        name: 'main',
        image: inject('executorImage'),
        command: ['node', '--input-type=module', '-e', script],
        ...container,
      },
    ],
  },
});
const run = (...objects: object[]) =>
  tenant(['apply', '-f', '-'], objects.map((object) => JSON.stringify(object)).join('\n---\n'));

test('the nodes offer what was asked for, and no more', async () => {
  const offered = (await tenantNodes()).map(({ status: { allocatable } }) => allocatable);
  expect(offered.map(({ cpu, memory }) => [cpu, memory])).toEqual([
    ['200m', '512Mi'],
    ['200m', '512Mi'],
  ]);
});

test('the tokens that the nodes joined with are gone', async () => {
  await eventually('no bootstrap token is left', 30, async () => {
    const flags = ['-n', 'kube-system', '--field-selector=type=bootstrap.kubernetes.io/token', '-o', 'name'];
    return (await tenant(['get', 'secrets', ...flags])) === '';
  });
});

test('a node has one credential, its own, which opens nothing of others', async () => {
  const [pod] = await workerPods();
  const inWorker = (script: string) =>
    kubectl(['exec', '-n', namespace, pod?.metadata.name ?? '', '--', 'sh', '-c', script]);
  const pem = await inWorker('cat /var/lib/kubelet/pki/kubelet-client-current.pem');
  const { subject } = new X509Certificate(pem);
  expect(subject).toMatch(/^O=system:nodes\nCN=system:node:\S+$/);
  const own = parseKubeconfig(await readFile(kubeconfig, 'utf8'));
  const host = parseKubeconfig(await readFile(inject('kubeconfig'), 'utf8'));
  const node = asClientOf(own, { cert: pem, key: pem });
  expect(await answerTo(node, `/api/v1/nodes/${subject.split(':').at(-1)}`)).toBe(200);
  expect(await answerTo(node, '/api/v1/secrets')).toBe(403);
  expect(await answerTo(asClientOf(host, { cert: pem, key: pem }), '/api')).toBe(401);
  // Of an administrator's there is nothing in the pod.
  expect(await inWorker('grep -rlIF client-key-data /etc /var/lib/kubelet 2>/dev/null || true')).toBe('');
  expect(await inWorker('ls /var/run/secrets/kubernetes.io 2>/dev/null || true')).toBe('');
});

test('pods on both nodes reach each other and their API by address and by name', async () => {
  const nodes = (await tenantNodes()).map(({ metadata }) => metadata.name);
  const serve = `import { createServer } from 'node:http';
    createServer((_, answer) => answer.end(process.env.HOSTNAME)).listen(8080);`;
  const readinessProbe = { httpGet: { port: 8080 }, periodSeconds: 1 };
  await run(
    { ...service('server'), spec: { selector: { app: 'server' }, ports: [{ port: 80, targetPort: 8080 }] } },
    ...nodes.map((nodeName, index) => aPod(`server-${index}`, serve, { nodeName }, { readinessProbe })),
  );
  const ready = ['wait', '--for=condition=Ready', '--timeout=120s', 'pod/server-0', 'pod/server-1'];
  await tenant(ready);
  const addressOf = (pod: string) => tenant(['get', 'pod', pod, '-o', 'jsonpath={.status.podIP}']);
  const addresses = await Promise.all(['server-0', 'server-1'].map(addressOf));
  const ask = `process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
    const urls = ['http://${addresses[0]}:8080', 'http://${addresses[1]}:8080', 'http://server', 'https://kubernetes.default/version'];
    const end = Date.now() + 60_000;
    while (urls.length > 0) {
      try {
        const answer = await fetch(urls[0], { signal: AbortSignal.timeout(3000) });
        await answer.text();
        console.log(answer.status);
        urls.shift();
      } catch (error) {
        if (Date.now() > end) throw error;
        await new Promise((resume) => setTimeout(resume, 500));
      }
    }`;
  await run(...nodes.map((nodeName, index) => aPod(`client-${index}`, ask, { nodeName })));
  for (const pod of ['client-0', 'client-1']) {
    await tenant(['wait', '--for=jsonpath={.status.phase}=Succeeded', '--timeout=120s', `pod/${pod}`]);
    const log = await tenant(['logs', pod]);
    expect(log.split('\n').filter((line) => /^\d+$/.test(line))).toEqual(['200', '200', '200', '200']);
  }
  expect(await tenant(['exec', 'server-0', '--', 'hostname'])).toBe('server-0');
});

const service = (of: string) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { namespace: 'default', name: of },
});

test('a pod that wants more memory than its node has is killed there, and its node goes on', async () => {
  const hog = 'const held = []; setInterval(() => held.push(Buffer.alloc(20e6, 1)), 20);';
  await run(aPod('hog', hog));
  const terminated = '{.status.containerStatuses[0].state.terminated';
  const how = `jsonpath=${terminated}.reason} ${terminated}.exitCode}`;
  const end = await eventually(
    'the pod is killed',
    60,
    async () => (await tenant(['get', 'pod', 'hog', '-o', how])).trim() || undefined,
  );
  // containerd may see the exit, of SIGKILL, before it hears that memory was the reason.
  expect(end).toMatch(/^(OOMKilled \d+|Error 137)$/);
  const restarts = '{.items[*].status.containerStatuses[*].restartCount}';
  const selector = ['-l', `${LABEL.component}=${WORKER_COMPONENT}`, '-n', namespace];
  expect(await kubectl(['get', 'pods', ...selector, '-o', `jsonpath=${restarts}`])).toBe('0 0');
});

test('the pods of a node together have the processors that were asked for', async () => {
  const [pod] = await workerPods();
  const quota =
    'cat /sys/fs/cgroup/cpu/pinion/cpu.cfs_quota_us 2>/dev/null || cat /sys/fs/cgroup/pinion/cpu.max';
  const limit = await kubectl(['exec', '-n', namespace, pod?.metadata.name ?? '', '--', 'sh', '-c', quota]);
  expect(limit).toMatch(/^20000\b/);
});

/** What must outlive the loss of a part: data, running pods, installed plugins. */
async function lasting() {
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

const partOf = (component: string) => [
  '-n',
  namespace,
  '-l',
  `${LABEL.clusterName}=${name},app.kubernetes.io/name=${component}`,
];
const OPERATOR = ['-n', 'pinion-system', '-l', 'app.kubernetes.io/component=operator'];

test.each([
  ['etcd', partOf('etcd')],
  ['the API server', partOf('kube-apiserver')],
  ['every operator', OPERATOR],
])('when %s is lost, data, running pods and installed plugins stay', async (_what, pods) => {
  await run({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { namespace: 'default', name: 'kept' },
    data: { a: 'b' },
  });
  const before = await lasting();
  expect(before.pods.trim().split('\n')).toEqual(Array(2).fill(expect.stringMatching(/ Running 0$/)));
  const lost = await list<Named & { metadata: { uid: string } }>('pods', ...pods);
  expect(lost).not.toEqual([]);
  await kubectl(['delete', 'pods', ...pods, '--grace-period=0', '--force']);
  await eventually('others have taken their place', 90, async () => {
    const found = await list<Pod>('pods', ...pods);
    return found.length === lost.length && found.every((pod) => isNewIn(lost, pod) && isReady(pod));
  });
  await eventually('all is as it was', 90, async () =>
    isDeepStrictEqual(await lasting().catch(() => undefined), before),
  );
  expect((await untilPhase(namespace, name, 'Completed', 90)).nodesReady).toBe('2/2');
});

const isNewIn = (lost: readonly { metadata: { uid: string } }[], { metadata }: Pod) =>
  lost.every((one) => one.metadata.uid !== metadata.uid);
const isReady = ({ status: found }: Pod) =>
  found?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false;

test('another size: other nodes, the plugins untouched', async () => {
  const before = await status(namespace, name);
  const old = (await tenantNodes()).map(({ metadata }) => metadata.name);
  await apply(cluster('500m', '1Gi'));
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

test('deletion is quick and leaves nothing in the host', async () => {
  const uid = (await get<VirtualCluster>('vc', name, namespace))?.metadata.uid;
  await kubectl(['delete', 'vc', name, '-n', namespace, '--timeout=60s']);
  const kinds = 'pods,secrets,services,deployments,statefulsets,persistentvolumeclaims,configmaps';
  const left = ['get', kinds, '-n', namespace, '-l', `${LABEL.clusterUid}=${uid}`, '-o', 'name'];
  await eventually('nothing is left', 30, async () => (await kubectl(left)) === '');
});
