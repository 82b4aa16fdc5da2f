import { afterAll, beforeAll, expect, test } from 'vitest';
import { ReasonedError } from '#api/errors.ts';
import type { VirtualCluster } from '#api/kinds/objects.ts';
import type { KubeClient } from '#kube/client.ts';
import { pods, virtualClusters } from '#kube/resources.ts';
import { aNamespace, aPlugin, aSecret, withLabels } from '#test/builders/manifests.ts';
import { apply } from '#test/kubectl.ts';
import {
  aClusterOf,
  connect,
  given,
  hostPlugin,
  installKinds,
  jobsIn,
  podOf,
  startOperator,
  succeed,
  type TargetSwitch,
  whenCluster,
} from './harness.ts';

let client: KubeClient;
let operator: { stop: () => Promise<void> };
const LABEL = 'obstacles';
const target: TargetSwitch = {};

beforeAll(async () => {
  client = await connect();
  await installKinds();
  operator = await startOperator(LABEL, { target });
});
afterAll(() => operator?.stop());

const says = (reason: string) => (cluster: VirtualCluster) =>
  cluster.status?.conditions?.some(({ type, reason: said }) => type === 'Ready' && said === reason) === true;

test('references that are missing are reported, each by name, and used when they appear, in any order', async () => {
  const namespace = 'op-order';
  const claim = aPlugin(namespace, 'web', { pluginSources: { yaml: { path: { pvPath: 'store:/pv' } } } });
  await apply(aNamespace(namespace), aClusterOf(LABEL, namespace, ['web']));
  await whenCluster(client, namespace, 'misses its kubeconfig', says('SecretNotFound'), 5);
  await given(LABEL, namespace, []);
  await apply(aClusterOf(LABEL, namespace, ['web']));
  await whenCluster(client, namespace, 'misses its plugin', says('PluginNotFound'), 8);
  await apply(claim);
  const { status } = await whenCluster(client, namespace, 'misses its claim', says('ClaimNotFound'), 5);
  expect(status?.plugins?.[0]?.message).toContain('no PersistentVolumeClaim op-order/store');
  expect(await jobsIn(client, namespace)).toEqual([]);
  await apply({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { namespace, name: 'store' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } },
  });
  await succeed(client, await podOf(client, namespace, 'web'));
  await whenCluster(client, namespace, 'is Completed', (one) => one.status?.phase === 'Completed');
});

test('a cluster without a kubeconfig is to be made, and says what that lacks', async () => {
  const namespace = 'op-no-kubeconfig';
  await apply(aNamespace(namespace), aClusterOf(LABEL, namespace, [], { kubeconfigSecretRef: undefined }));
  const { status } = await whenCluster(client, namespace, 'lacks images', says('ComponentImagesMissing'));
  expect(status).toMatchObject({ phase: 'Preparing' });
  expect(status?.conditions?.find(({ type }) => type === 'Ready')?.message).toContain('pinion-components');
});

test('a kubeconfig that runs a program is refused, and a better one is taken up', async () => {
  const namespace = 'op-exec';
  const exec = `apiVersion: v1
kind: Config
current-context: a
clusters: [{name: a, cluster: {server: "https://203.0.113.10:6443"}}]
contexts: [{name: a, context: {cluster: a, user: a}}]
users: [{name: a, user: {exec: {command: sh}}}]`;
  await apply(aNamespace(namespace), aSecret(namespace, 'target', { kubeconfig: exec }));
  await apply(aClusterOf(LABEL, namespace, []));
  const { status } = await whenCluster(client, namespace, 'is refused', says('InvalidKubeconfig'));
  expect(status?.phase).toBe('Pending');
  await given(LABEL, namespace, []);
  await whenCluster(client, namespace, 'is Completed', (one) => one.status?.phase === 'Completed');
});

test('while the target does not answer the cluster is Preparing and nothing is started', async () => {
  const namespace = 'op-unreachable';
  target.unreachable = new ReasonedError('TargetUnreachable', 'https://203.0.113.10:6443 does not answer');
  await given(LABEL, namespace, ['web']);
  const { status } = await whenCluster(client, namespace, 'is Preparing', says('TargetUnreachable'));
  expect(status?.phase).toBe('Preparing');
  expect(await jobsIn(client, namespace)).toEqual([]);
  target.unreachable = undefined;
  await succeed(client, await podOf(client, namespace, 'web'));
  await whenCluster(client, namespace, 'is Completed', (one) => one.status?.phase === 'Completed');
});

test('a Job that was admitted without the webhook never runs', async () => {
  const namespace = 'op-no-webhook';
  await given(LABEL, namespace, ['web']);
  await whenCluster(client, namespace, 'says why', says('WebhookUnavailable'));
  expect((await client.list(pods, { namespace })).items).toEqual([]);
  expect((await jobsIn(client, namespace)).every(({ spec }) => spec.suspend)).toBe(true);
});

test('a webhook that cannot be called is a reason, and no Job is made', async () => {
  const namespace = 'op-webhook-down';
  await apply({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name: 'test-down' },
    webhooks: [
      {
        name: 'jobs.test.example',
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        failurePolicy: 'Fail',
        timeoutSeconds: 1,
        clientConfig: { url: 'https://127.0.0.1:1/' },
        rules: [{ apiGroups: ['batch'], apiVersions: ['v1'], resources: ['jobs'], operations: ['CREATE'] }],
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
      },
    ],
  });
  await given(LABEL, namespace, ['web']);
  await whenCluster(client, namespace, 'says why', says('WebhookUnavailable'));
  expect(await jobsIn(client, namespace)).toEqual([]);
});

test('a pod that Pod Security or a quota refuses is a reason within 15 s', async () => {
  const quota = {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { namespace: 'op-quota', name: 'none' },
    spec: { hard: { pods: '0' } },
  };
  await apply(aNamespace('op-quota'), quota);
  await apply(
    aNamespace('op-restricted', withLabels({ 'pod-security.kubernetes.io/enforce': 'restricted' })),
  );
  await given(LABEL, 'op-quota', ['web']);
  // The played webhook adds no host path; a policy that refuses the pod of the Job stands in for it.
  await apply({
    apiVersion: 'v1',
    kind: 'LimitRange',
    metadata: { namespace: 'op-restricted', name: 'small' },
    spec: { limits: [{ type: 'Container', max: { memory: '1Mi' } }] },
  });
  await given(LABEL, 'op-restricted', ['web']);
  await whenCluster(client, 'op-quota', 'says quota', says('QuotaExceeded'), 15);
  await whenCluster(client, 'op-restricted', 'says limit', says('LimitRangeViolation'), 15);
});

test('what keeps a pod from starting is a reason within 15 s', async () => {
  const namespace = 'op-stuck';
  await given(LABEL, namespace, ['mount', 'image', 'nowhere']);
  const [mount, image, nowhere] = await Promise.all(
    ['mount', 'image', 'nowhere'].map((plugin) => podOf(client, namespace, plugin)),
  );
  if (!mount || !image || !nowhere) throw new Error('no pods');
  await apply({
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { namespace, name: 'mount' },
    involvedObject: { kind: 'Pod', namespace, name: mount.metadata.name, uid: mount.metadata.uid },
    type: 'Warning',
    reason: 'FailedMount',
    message: 'hostPath type check failed: /opt/mount is not a directory',
  });
  const waiting = { reason: 'ErrImagePull', message: 'not found' };
  const containerStatuses = [
    { name: 'executor', ready: false, restartCount: 0, image: 'x', imageID: '', state: { waiting } },
  ];
  await client.patch(pods, image.metadata, { status: { containerStatuses } }, { subresource: 'status' });
  const conditions = [
    { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/0 nodes are available' },
  ];
  await client.patch(pods, nowhere.metadata, { status: { conditions } }, { subresource: 'status' });
  const expected = { image: 'ImagePullBackOff', mount: 'FailedMount', nowhere: 'Unschedulable' };
  await whenCluster(
    client,
    namespace,
    'says all three',
    ({ status }) =>
      Object.entries(expected).every(([name, reason]) =>
        status?.plugins?.some((plugin) => plugin.name === name && plugin.reason === reason),
      ),
    15,
  );
});

test('nodes that are to be promoted into an existing cluster are reported as not managed', async () => {
  const namespace = 'op-nodes';
  await given(LABEL, namespace, []);
  const name = { namespace, name: 'vc' };
  await client.patch(virtualClusters, name, {
    spec: { promoteResources: { nodes: ['b'], nodeInfos: [{ nodeName: 'a' }] } },
  });
  const { status } = await whenCluster(client, namespace, 'reports nodes', (one) => !!one.status?.nodes);
  expect(status?.nodes).toMatchObject([
    { name: 'a', phase: 'NotManaged' },
    { name: 'b', phase: 'NotManaged' },
  ]);
});

test('a plugin whose host path is not allowed is reported, and nothing is started', async () => {
  const namespace = 'op-host-path';
  await given(LABEL, namespace, []);
  const plugin = hostPlugin(namespace, 'bad', {
    pluginSources: { yaml: { path: { hostPath: '/etc' } } },
  });
  await apply(plugin, aClusterOf(LABEL, namespace, ['bad']));
  await whenCluster(client, namespace, 'says why', says('HostPathNotAllowed'), 5);
  expect(await jobsIn(client, namespace)).toEqual([]);
});
