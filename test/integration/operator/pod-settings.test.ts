import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { VirtualCluster } from '#api/kinds/objects.ts';
import type { KubeClient } from '#kube/client.ts';
import { systemClock } from '#kube/clock.ts';
import type { Pod } from '#kube/resources.ts';
import type { GroupSettings } from '#operator/host/pod-settings.ts';
import { aNamespace } from '#test/builders/manifests.ts';
import { apply, eventually, get, kubectl } from '#test/kubectl.ts';
import { controlPlanes, createAll, createCluster } from './control-plane-harness.ts';
import {
  connect,
  connectAsOperator,
  given,
  installKinds,
  podOf,
  startOperator,
  whenCluster,
} from './harness.ts';

const SELECTS = 'pod-settings';
let client: KubeClient;
let operator: { stop: () => Promise<void> };

beforeAll(async () => {
  client = await connect();
  await installKinds();
  operator = await startOperator(SELECTS);
});
afterEach(() =>
  kubectl(['delete', 'configmap', 'pinion-pod-settings', '-n', 'pinion-system', '--ignore-not-found']),
);
afterAll(() => operator?.stop());

const set = (data: Record<string, string>) =>
  apply({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { namespace: 'pinion-system', name: 'pinion-pod-settings' },
    data,
  });

/** Counts limits, so that every container has to have them, as many companies have it in every namespace. */
const aQuota = (namespace: string) => ({
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { namespace, name: 'team' },
  spec: {
    hard: { 'limits.cpu': '4', 'limits.memory': '8Gi', 'requests.cpu': '2', 'requests.memory': '4Gi' },
  },
});

const pluginSays = (reason: string, message: RegExp) => (cluster: VirtualCluster) =>
  cluster.status?.plugins?.some((one) => one.reason === reason && message.test(one.message ?? '')) === true;

test('a quota that wants cpu limits names what is missing, and a LimitRange alone lets the plugin go on', async () => {
  const namespace = 'op-limits';
  await apply(aNamespace(namespace), aQuota(namespace));
  await given(SELECTS, namespace, ['web']);
  const names = /counts limits\.cpu, .* LimitRange .* executor\.resources\.limits\.cpu .*pinion-pod-settings/;
  await whenCluster(client, namespace, 'names the limit', pluginSays('QuotaExceeded', names), 15);
  await apply({
    apiVersion: 'v1',
    kind: 'LimitRange',
    metadata: { namespace, name: 'team' },
    spec: { limits: [{ type: 'Container', default: { cpu: '500m' }, defaultRequest: { cpu: '10m' } }] },
  });
  await podOf(client, namespace, 'web');
});

test('a Job that the old settings keep from starting is recreated with new ones', async () => {
  const namespace = 'op-settings';
  await apply(aNamespace(namespace), aQuota(namespace));
  await given(SELECTS, namespace, ['web']);
  await whenCluster(client, namespace, 'reports the quota', pluginSays('QuotaExceeded', /limits\.cpu/), 15);
  await set({
    executor:
      'resources: { limits: { cpu: 500m } }\nlabels: { example.com/team: a }\ntolerations: [{ key: gpu, operator: Exists }]',
  });
  const { spec, metadata } = (await podOf(client, namespace, 'web')) as Pod & {
    spec: Record<string, unknown>;
  };
  expect(metadata.labels).toMatchObject({ 'example.com/team': 'a' });
  expect(spec).toMatchObject({
    nodeSelector: { 'kubernetes.io/os': 'linux' },
    containers: [{ resources: { requests: { cpu: '10m' }, limits: { cpu: '500m', memory: '1Gi' } } }],
  });
  expect(spec['tolerations']).toContainEqual({ key: 'gpu', operator: 'Exists' });
});

test('a control plane whose pods a quota refuses says within seconds what is missing', async () => {
  const namespace = 'op-plane-quota';
  await apply(aNamespace(namespace), aQuota(namespace));
  const cluster = await createCluster(client, namespace);
  const planes = controlPlanes(await connectAsOperator());
  const blocked = await eventually('the quota is reported', 15, async () => {
    const state = await planes.ensure(cluster);
    return state.kind === 'waiting' && state.problem.reason === 'ControlPlaneBlocked'
      ? state.problem
      : undefined;
  });
  expect(blocked.message).toMatch(
    /^demo-etcd: a quota of namespace op-plane-quota counts limits\.cpu, limits\.memory/,
  );
  expect(blocked.message).toContain('controlPlane.resources.limits.memory');
  const settings = { resources: { limits: { cpu: '1', memory: '1Gi' } } };
  const settled = controlPlanes(await connectAsOperator(), systemClock, settings);
  await createAll(client, settled, cluster);
});

test('a control plane goes on soon after a LimitRange gives its pods what a quota counts', async () => {
  const namespace = 'op-plane-limits';
  await apply(aNamespace(namespace), aQuota(namespace));
  const cluster = await createCluster(client, namespace);
  const planes = controlPlanes(await connectAsOperator());
  // After so long the controller of StatefulSets waits as long again.
  const end = Date.now() + 45_000;
  await eventually('the control plane has been blocked for a while', 60, async () => {
    const state = await planes.ensure(cluster);
    return Date.now() > end && state.kind === 'waiting' && state.problem.reason === 'ControlPlaneBlocked';
  });
  await apply({
    apiVersion: 'v1',
    kind: 'LimitRange',
    metadata: { namespace, name: 'team' },
    spec: { limits: [{ type: 'Container', default: { cpu: '500m', memory: '512Mi' } }] },
  });
  await eventually('etcd has a pod', 20, async () => {
    await planes.ensure(cluster);
    return (await get('pod', 'demo-etcd-0', namespace)) !== undefined;
  });
});

test('settings reach every pod template of a control plane and what creates the pods', async () => {
  const namespace = 'op-plane-settings';
  const cluster = await createCluster(client, namespace);
  const settings: GroupSettings = {
    labels: { 'example.com/team': 'a' },
    annotations: { 'example.com/owner': 'b' },
    nodeSelector: { pool: 'infra' },
    tolerations: [{ key: 'gpu', operator: 'Exists' }],
    priorityClassName: 'system-cluster-critical',
    imagePullSecrets: [{ name: 'registry' }],
    resources: { limits: { cpu: '1', memory: '128Mi' } },
    containers: { etcd: { resources: { limits: { memory: '2Gi' } } } },
  };
  await createAll(client, controlPlanes(await connectAsOperator(), systemClock, settings), cluster);
  const kinds = [
    ['statefulset', 'demo-etcd', '2Gi'],
    ['deployment', 'demo-apiserver', '128Mi'],
    ['deployment', 'demo-controller-manager', '128Mi'],
    ['deployment', 'demo-scheduler', '128Mi'],
  ] as const;
  for (const [kind, name, memory] of kinds) {
    const object = await get(kind, name, namespace);
    expect(object).toMatchObject({
      metadata: { labels: { 'example.com/team': 'a' }, annotations: { 'example.com/owner': 'b' } },
      spec: {
        template: {
          metadata: { labels: { 'example.com/team': 'a' }, annotations: { 'example.com/owner': 'b' } },
          spec: {
            nodeSelector: { 'kubernetes.io/os': 'linux', pool: 'infra' },
            tolerations: [{ key: 'gpu', operator: 'Exists' }],
            priorityClassName: 'system-cluster-critical',
            imagePullSecrets: [{ name: 'registry' }],
          },
        },
      },
    });
    const { containers } = (object as { spec: { template: { spec: { containers: object[] } } } }).spec
      .template.spec;
    for (const container of containers) {
      expect(container).toMatchObject({ resources: { limits: { cpu: '1', memory } } });
    }
  }
});

test('invalid settings are reported with the field, and a plugin goes on when they are corrected', async () => {
  const namespace = 'op-settings-invalid';
  await set({ executor: 'resources: { limits: { cpu: lots } }' });
  // An operator that starts now has no valid settings to keep.
  const fresh = await startOperator('pod-settings-invalid');
  await given('pod-settings-invalid', namespace, ['web']);
  const says = pluginSays(
    'InvalidPodSettings',
    /pinion-pod-settings: executor\.resources\.limits\.cpu is not a quantity/,
  );
  await whenCluster(client, namespace, 'names the field', says, 15);
  await set({ executor: 'resources: { limits: { cpu: 1 } }' });
  await podOf(client, namespace, 'web');
  await fresh.stop();
});
