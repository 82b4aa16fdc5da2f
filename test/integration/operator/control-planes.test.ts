import { beforeAll, expect, test } from 'vitest';
import type { KubeClient } from '#kube/client.ts';
import { secrets } from '#kube/resources.ts';
import { FakeClock } from '#test/fake-clock.ts';
import { apply, kubectl, list } from '#test/kubectl.ts';
import {
  controlPlanes,
  createAll,
  createCluster,
  DAY_MS,
  objectsIn,
  selector,
  startEtcd,
} from './control-plane-harness.ts';
import { connect, connectAsOperator, installKinds } from './harness.ts';

let admin: KubeClient;
let client: KubeClient;
beforeAll(async () => {
  admin = await connect();
  client = await connectAsOperator();
  await installKinds();
});

/** The operator's client, and a list of the writes through it. */
function recordingClient(client: KubeClient): { through: KubeClient; writes: string[] } {
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

test('a control plane is created in full once etcd’s pod has an address, and the next reconcile writes nothing', async () => {
  const namespace = 'planes-made';
  const cluster = await createCluster(admin, namespace, { kubeInKubeConfig: { apiServerReplicas: 2 } });
  const { through, writes } = recordingClient(client);
  const planes = controlPlanes(through);
  const starting = { kind: 'waiting', problem: { reason: 'ControlPlaneStarting' }, terminal: false };
  expect(await planes.ensure(cluster)).toMatchObject(starting);
  const running = async () => (await objectsIn(namespace)).filter((name) => /^(Dep|State)/.test(name));
  expect(await running()).toEqual(['StatefulSet/demo-etcd']);
  await startEtcd(admin, namespace);
  expect(await planes.ensure(cluster)).toMatchObject(starting);
  const created = (await objectsIn(namespace)).filter((name) => !name.startsWith('PersistentVolumeClaim/'));
  expect(created).toEqual([
    'ConfigMap/demo-apiserver',
    'Deployment/demo-apiserver',
    'Deployment/demo-controller-manager',
    'Deployment/demo-scheduler',
    'NetworkPolicy/demo-apiserver',
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

test('a restarted operator changes nothing', async () => {
  const namespace = 'planes-restart';
  const cluster = await createCluster(admin, namespace);
  await createAll(admin, controlPlanes(client), cluster);
  const contents = () =>
    list<{ metadata: { resourceVersion: string } }>(
      'secrets,configmaps,services',
      '-n',
      namespace,
      '-l',
      selector,
    );
  const before = await contents();
  await controlPlanes(client).ensure(cluster);
  expect(await contents()).toEqual(before);
});

test('scaling down to one replica deletes the disruption budgets', async () => {
  const namespace = 'planes-fewer';
  const cluster = await createCluster(admin, namespace, { kubeInKubeConfig: { apiServerReplicas: 2 } });
  const planes = controlPlanes(client);
  await createAll(admin, planes, cluster);
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

test('a changed storage size of etcd is ignored and blocks nothing', async () => {
  const namespace = 'planes-claim';
  const cluster = await createCluster(admin, namespace);
  const planes = controlPlanes(client);
  await planes.ensure(cluster);
  const spec = { kubeInKubeConfig: { etcdUnitSize: '9Gi', etcdStorageClass: 'other' } };
  expect(await planes.ensure({ ...cluster, spec })).toMatchObject({
    problem: { reason: 'ControlPlaneStarting' },
  });
});

test('certificates are renewed when they are due, and the pods are replaced', async () => {
  const namespace = 'planes-renewal';
  const cluster = await createCluster(admin, namespace);
  const clock = new FakeClock(Date.now());
  const planes = controlPlanes(client, clock);
  const state = async () => {
    const { data = {} } = await admin.get(secrets, { namespace, name: 'demo-apiserver-tls' });
    const at = 'jsonpath={.spec.template.metadata.annotations}';
    const template = await kubectl(['get', 'deployment', 'demo-apiserver', '-n', namespace, '-o', at]);
    return { cert: data['server.crt'], ca: data['ca.crt'], accounts: data['sa.key'], template };
  };
  await createAll(admin, planes, cluster);
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

test('a Secret that belongs to something else is left alone and named in the error', async () => {
  const namespace = 'planes-taken';
  const cluster = await createCluster(admin, namespace);
  const name = 'demo-kubeconfig';
  await apply({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { namespace, name },
    stringData: { mine: 'yes' },
  });
  await expect(controlPlanes(client).ensure(cluster)).rejects.toMatchObject({
    reason: 'NameTaken',
    message: expect.stringContaining(`${namespace}/${name}`),
  });
  expect((await admin.get(secrets, { namespace, name })).data).toEqual({ mine: 'eWVz' });
});

test('an unsupported Kubernetes version is a terminal problem', async () => {
  const cluster = await createCluster(admin, 'planes-version', { version: '1.30' });
  expect(await controlPlanes(client).ensure(cluster)).toMatchObject({
    kind: 'waiting',
    terminal: true,
    problem: { reason: 'VersionNotSupported', message: expect.stringContaining('1.36') },
  });
  expect(await objectsIn('planes-version')).toEqual([]);
});
