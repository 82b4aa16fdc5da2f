import { beforeAll, expect, test } from 'vitest';
import { CONTROL_PLANE_COMPONENT, LABEL } from '#api/contract/names.ts';
import type { VirtualCluster } from '#api/kinds/objects.ts';
import type { VirtualClusterSpec } from '#api/kinds/virtualcluster.ts';
import type { KubeClient } from '#kube/client.ts';
import { systemClock } from '#kube/clock.ts';
import { ignoreNotFound } from '#kube/errors.ts';
import { silentLog } from '#kube/log.ts';
import { pods, secrets, virtualClusters } from '#kube/resources.ts';
import { ManagedControlPlanes } from '#operator/control-planes/control-planes.ts';
import type { ControlPlanes } from '#operator/control-planes/state.ts';
import { aNamespace, aVirtualCluster } from '#test/builders.ts';
import { FakeClock } from '#test/fake-clock.ts';
import { apply, eventually, kubectl, list, WITHIN_A_MINUTE } from '#test/kubectl.ts';
import { connect, connectAsOperator, installKinds } from './harness.ts';

/** No node runs anything here: what counts is what the API server holds. The operator has its own rights only. */
const DAY_MS = 86_400_000;
const images = {
  etcd: 'pinion/etcd',
  'kube-apiserver': 'pinion/kube-apiserver',
  'kube-controller-manager': 'pinion/kube-controller-manager',
  'kube-scheduler': 'pinion/kube-scheduler',
  'konnectivity-server': 'pinion/konnectivity-server',
};
const KINDS =
  'deployments,statefulsets,services,secrets,configmaps,poddisruptionbudgets,networkpolicies,persistentvolumeclaims,pods';
const selector = `${LABEL.component}=${CONTROL_PLANE_COMPONENT}`;
let admin: KubeClient;
let client: KubeClient;

beforeAll(async () => {
  admin = await connect();
  client = await connectAsOperator();
  await installKinds();
});

/** What an operator that starts now works with. */
const controlPlanes = (clock = systemClock, through = client): ControlPlanes =>
  new ManagedControlPlanes({
    client: through,
    clock,
    log: silentLog,
    // Without nodes there is no other way in.
    flags: { serviceType: 'ClusterIP', certificateLifetimeMs: 90 * DAY_MS },
    images: async () => images,
    clusters: () => [],
  });

async function given(namespace: string, spec: Partial<VirtualClusterSpec> = {}): Promise<VirtualCluster> {
  const manifest = aVirtualCluster(namespace, 'demo', [], spec);
  const { kubeconfigSecretRef: _, ...rest } = manifest['spec'] as VirtualClusterSpec;
  // Labelled: the operators of other tests select theirs.
  await apply(aNamespace(namespace), { ...manifest, spec: rest });
  return admin.get(virtualClusters, { namespace, name: 'demo' });
}

/** What a node would do: etcd's pod gets an address. */
async function etcdStarts(namespace: string): Promise<void> {
  const name = 'demo-etcd-0';
  const status = { phase: 'Running', podIP: '10.0.0.1', podIPs: [{ ip: '10.0.0.1' }] };
  await eventually(`pod ${namespace}/${name}`, 120, () =>
    ignoreNotFound(admin.patch(pods, { namespace, name }, { status }, { subresource: 'status' })),
  );
}

/** A control plane of which all is made. */
async function madeWhole(planes: ControlPlanes, cluster: VirtualCluster): Promise<void> {
  await planes.ensure(cluster);
  await etcdStarts(cluster.metadata.namespace);
  await planes.ensure(cluster);
}

const objectsIn = async (namespace: string): Promise<string[]> =>
  (await list<{ kind: string; metadata: { name: string } }>(KINDS, '-n', namespace, '-l', selector))
    .filter(({ kind }) => kind !== 'Pod')
    .map(({ kind, metadata }) => `${kind}/${metadata.name}`)
    .sort();

/** The client, and what it was used to write. */
function counting(): { through: KubeClient; writes: string[] } {
  const writes: string[] = [];
  const through = new Proxy(client, {
    get(target, property) {
      const value = Reflect.get(target, property, target) as unknown;
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        if (['create', 'replace', 'patch', 'delete'].includes(String(property)))
          writes.push(String(property));
        return value.apply(target, args);
      };
    },
  });
  return { through, writes };
}

test('what needs the datastore is made once its pod has an address, and then a look writes nothing', async () => {
  const namespace = 'planes-made';
  const cluster = await given(namespace, { kubeInKubeConfig: { apiServerReplicas: 2 } });
  const { through, writes } = counting();
  const planes = controlPlanes(systemClock, through);
  const starting = { kind: 'waiting', problem: { reason: 'ControlPlaneStarting' }, terminal: false };
  expect(await planes.ensure(cluster)).toMatchObject(starting);
  const running = async () => (await objectsIn(namespace)).filter((name) => /^(Dep|State)/.test(name));
  expect(await running()).toEqual(['StatefulSet/demo-etcd']);
  await etcdStarts(namespace);
  expect(await planes.ensure(cluster)).toMatchObject(starting);
  const made = (await objectsIn(namespace)).filter((name) => !name.startsWith('PersistentVolumeClaim/'));
  expect(made).toEqual([
    'ConfigMap/demo-apiserver',
    'Deployment/demo-apiserver',
    'Deployment/demo-controller-manager',
    'Deployment/demo-scheduler',
    'NetworkPolicy/demo-controller-manager',
    'NetworkPolicy/demo-etcd',
    'NetworkPolicy/demo-scheduler',
    'PodDisruptionBudget/demo-apiserver',
    'PodDisruptionBudget/demo-controller-manager',
    'PodDisruptionBudget/demo-scheduler',
    'Secret/demo-apiserver-tls',
    'Secret/demo-controller-manager-tls',
    'Secret/demo-etcd-tls',
    'Secret/demo-konnectivity-tls',
    'Secret/demo-kubeconfig',
    'Secret/demo-operator-tls',
    'Secret/demo-pki',
    'Secret/demo-scheduler-tls',
    'Service/demo-apiserver',
    'Service/demo-etcd',
    'StatefulSet/demo-etcd',
  ]);
  writes.length = 0;
  await planes.ensure(cluster);
  expect(writes).toEqual([]);
});

test('an operator that starts anew finds all as it should be', async () => {
  const namespace = 'planes-restart';
  const cluster = await given(namespace);
  await madeWhole(controlPlanes(), cluster);
  const contents = () =>
    list<{ metadata: { resourceVersion: string } }>(
      'secrets,configmaps,services',
      '-n',
      namespace,
      '-l',
      selector,
    );
  const before = await contents();
  await controlPlanes().ensure(cluster);
  expect(await contents()).toEqual(before);
});

test('fewer replicas take their budgets away', async () => {
  const namespace = 'planes-fewer';
  const cluster = await given(namespace, { kubeInKubeConfig: { apiServerReplicas: 2 } });
  const planes = controlPlanes();
  await madeWhole(planes, cluster);
  await planes.ensure({ ...cluster, spec: {} });
  expect((await objectsIn(namespace)).filter((name) => name.startsWith('PodDisruptionBudget'))).toEqual([]);
  expect(
    await kubectl([
      'get',
      'deployment',
      'demo-apiserver',
      '-n',
      namespace,
      '-o',
      'jsonpath={.spec.replicas}',
    ]),
  ).toBe('1');
});

test('a changed size of the datastore leaves the claim as it is, and stops nothing', async () => {
  const namespace = 'planes-claim';
  const cluster = await given(namespace);
  const planes = controlPlanes();
  await planes.ensure(cluster);
  const spec = { kubeInKubeConfig: { etcdUnitSize: '9Gi', etcdStorageClass: 'other' } };
  expect(await planes.ensure({ ...cluster, spec })).toMatchObject({
    problem: { reason: 'ControlPlaneStarting' },
  });
});

test('certificates are renewed when they are due, and the programs start anew', async () => {
  const namespace = 'planes-renewal';
  const cluster = await given(namespace);
  const clock = new FakeClock(Date.now());
  const planes = controlPlanes(clock);
  const state = async () => {
    const { data = {} } = await admin.get(secrets, { namespace, name: 'demo-apiserver-tls' });
    const at = 'jsonpath={.spec.template.metadata.annotations}';
    const template = await kubectl(['get', 'deployment', 'demo-apiserver', '-n', namespace, '-o', at]);
    return { cert: data['server.crt'], ca: data['ca.crt'], accounts: data['sa.key'], template };
  };
  await madeWhole(planes, cluster);
  const first = await state();
  await clock.advance(59 * DAY_MS);
  await planes.ensure(cluster);
  expect(await state()).toEqual(first);
  await clock.advance(2 * DAY_MS);
  await planes.ensure(cluster);
  const second = await state();
  expect(second).toMatchObject({ ca: first.ca, accounts: first.accounts });
  expect(second.cert).not.toBe(first.cert);
  expect(second.template).not.toBe(first.template);
});

test('a Secret of somebody else is left alone, and named', async () => {
  const namespace = 'planes-taken';
  const cluster = await given(namespace);
  const name = 'demo-kubeconfig';
  await apply({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { namespace, name },
    stringData: { mine: 'yes' },
  });
  await expect(controlPlanes().ensure(cluster)).rejects.toMatchObject({
    reason: 'NameTaken',
    message: expect.stringContaining(`${namespace}/${name}`),
  });
  expect((await admin.get(secrets, { namespace, name })).data).toEqual({ mine: 'eWVz' });
});

test('a version that Pinion does not have is refused for good', async () => {
  const cluster = await given('planes-version', { version: '1.30' });
  expect(await controlPlanes().ensure(cluster)).toMatchObject({
    kind: 'waiting',
    terminal: true,
    problem: { reason: 'VersionNotSupported', message: expect.stringContaining('1.36') },
  });
  expect(await objectsIn('planes-version')).toEqual([]);
});

test.each([
  ['whole', undefined],
  ['half made', 'statefulset,service,secret'],
] as const)(
  'a control plane that is %s is removed without a rest, and finding it makes nothing',
  async (what, lost) => {
    const namespace = `planes-removed-${what.replace(' ', '-')}`;
    const cluster = await given(namespace);
    const planes = controlPlanes();
    await madeWhole(planes, cluster);
    if (lost) await kubectl(['delete', lost, '-n', namespace, '-l', selector]);
    await eventually(`nothing is left in ${namespace}`, 120, () => planes.remove(cluster));
    // A ReplicaSet makes pods until it is garbage.
    await expect
      .poll(() => list(`${KINDS},replicasets`, '-n', namespace, '-l', selector), WITHIN_A_MINUTE)
      .toEqual([]);
    expect(await planes.find(cluster)).toBeUndefined();
    expect(await planes.remove(cluster)).toBe(true);
    expect(await objectsIn(namespace)).toEqual([]);
  },
);
