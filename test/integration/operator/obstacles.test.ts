import { afterAll, beforeAll, expect, test } from 'vitest';
import { ReasonedError } from '#api/errors.ts';
import type { VirtualCluster } from '#api/kinds/objects.ts';
import type { KubeClient } from '#kube/client.ts';
import { pods, virtualClusters } from '#kube/resources.ts';
import { aNamespace, aPlugin, aSecret } from '#test/builders/manifests.ts';
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

const reports = (reason: string) => (cluster: VirtualCluster) =>
  cluster.status?.conditions?.some((ready) => ready.type === 'Ready' && ready.reason === reason) === true;

test('missing references are reported by name and used as soon as they exist, in any order', async () => {
  const namespace = 'op-order';
  const claim = aPlugin(namespace, 'web', { pluginSources: { yaml: { path: { pvPath: 'store:/pv' } } } });
  await apply(aNamespace(namespace), aClusterOf(LABEL, namespace, ['web']));
  await whenCluster(client, namespace, 'misses its kubeconfig', reports('SecretNotFound'), 5);
  await given(LABEL, namespace, []);
  await apply(aClusterOf(LABEL, namespace, ['web']));
  await whenCluster(client, namespace, 'misses its plugin', reports('PluginNotFound'), 8);
  await apply(claim);
  const { status } = await whenCluster(client, namespace, 'misses its claim', reports('ClaimNotFound'), 5);
  expect(status?.plugins?.[0]?.message).toContain('no PersistentVolumeClaim op-order/store');
  expect(await jobsIn(client, namespace)).toEqual([]);
  await apply({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { namespace, name: 'store' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } },
  });
  await succeed(client, await podOf(client, namespace, 'web'));
  await whenCluster(client, namespace, 'is Completed', ({ status }) => status?.phase === 'Completed');
});

test('a cluster without a kubeconfig reports the images that its control plane lacks', async () => {
  const namespace = 'op-no-kubeconfig';
  await apply(aNamespace(namespace), aClusterOf(LABEL, namespace, [], { kubeconfigSecretRef: undefined }));
  const { status } = await whenCluster(client, namespace, 'lacks images', reports('ComponentImagesMissing'));
  expect(status).toMatchObject({ phase: 'Preparing' });
  expect(status?.conditions?.find(({ type }) => type === 'Ready')?.message).toContain('pinion-components');
});

test('a kubeconfig that runs a program is refused, and a valid one is used afterwards', async () => {
  const namespace = 'op-exec';
  const exec = `apiVersion: v1
kind: Config
current-context: a
clusters: [{name: a, cluster: {server: "https://203.0.113.10:6443"}}]
contexts: [{name: a, context: {cluster: a, user: a}}]
users: [{name: a, user: {exec: {command: sh}}}]`;
  await apply(aNamespace(namespace), aSecret(namespace, 'target', { kubeconfig: exec }));
  await apply(aClusterOf(LABEL, namespace, []));
  const { status } = await whenCluster(client, namespace, 'is refused', reports('InvalidKubeconfig'));
  expect(status?.phase).toBe('Pending');
  await given(LABEL, namespace, []);
  await whenCluster(client, namespace, 'is Completed', ({ status }) => status?.phase === 'Completed');
});

test('a cluster is Preparing and starts no Job while its target does not answer', async () => {
  const namespace = 'op-unreachable';
  target.unreachable = new ReasonedError('TargetUnreachable', 'https://203.0.113.10:6443 does not answer');
  await given(LABEL, namespace, ['web']);
  const { status } = await whenCluster(client, namespace, 'is Preparing', reports('TargetUnreachable'));
  expect(status?.phase).toBe('Preparing');
  expect(await jobsIn(client, namespace)).toEqual([]);
  target.unreachable = undefined;
  await succeed(client, await podOf(client, namespace, 'web'));
  await whenCluster(client, namespace, 'is Completed', ({ status }) => status?.phase === 'Completed');
});

test('a Job that was admitted without the webhook never runs', async () => {
  const namespace = 'op-no-webhook';
  await given(LABEL, namespace, ['web']);
  await whenCluster(client, namespace, 'reports the reason', reports('WebhookUnavailable'));
  expect((await client.list(pods, { namespace })).items).toEqual([]);
  expect((await jobsIn(client, namespace)).every(({ spec }) => spec.suspend)).toBe(true);
});

test('a cluster reports a webhook that can’t be called and creates no Job', async () => {
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
  await whenCluster(client, namespace, 'reports the reason', reports('WebhookUnavailable'));
  expect(await jobsIn(client, namespace)).toEqual([]);
});

test('an existing cluster reports nodes to promote as NotManaged', async () => {
  const namespace = 'op-nodes';
  await given(LABEL, namespace, []);
  const name = { namespace, name: 'vc' };
  await client.patch(virtualClusters, name, {
    spec: { promoteResources: { nodes: ['b'], nodeInfos: [{ nodeName: 'a' }] } },
  });
  const { status } = await whenCluster(client, namespace, 'reports nodes', ({ status }) => !!status?.nodes);
  expect(status?.nodes).toMatchObject([
    { name: 'a', phase: 'NotManaged' },
    { name: 'b', phase: 'NotManaged' },
  ]);
});

test('a plugin whose host path is not allowed is reported and starts no Job', async () => {
  const namespace = 'op-host-path';
  await given(LABEL, namespace, []);
  const plugin = hostPlugin(namespace, 'bad', {
    pluginSources: { yaml: { path: { hostPath: '/etc' } } },
  });
  await apply(plugin, aClusterOf(LABEL, namespace, ['bad']));
  await whenCluster(client, namespace, 'reports the reason', reports('HostPathNotAllowed'), 5);
  expect(await jobsIn(client, namespace)).toEqual([]);
});
