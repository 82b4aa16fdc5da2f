import { afterAll, beforeAll, test } from 'vitest';
import type { VirtualCluster } from '#api/kinds/objects.ts';
import type { KubeClient } from '#kube/client.ts';
import { pods } from '#kube/resources.ts';
import { aNamespace, withLabels } from '#test/builders/manifests.ts';
import { apply } from '#test/kubectl.ts';
import { connect, given, installKinds, podOf, startOperator, whenCluster } from './harness.ts';

let client: KubeClient;
let operator: { stop: () => Promise<void> };
const LABEL = 'pod-obstacles';

beforeAll(async () => {
  client = await connect();
  await installKinds();
  operator = await startOperator(LABEL);
});
afterAll(() => operator?.stop());

const reports = (reason: string) => (cluster: VirtualCluster) =>
  cluster.status?.conditions?.some((ready) => ready.type === 'Ready' && ready.reason === reason) === true;

test('a cluster reports within 15 s that a quota or a LimitRange refuses its pods', async () => {
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
  // The test's webhook adds no host path, so Pod Security would admit the pod: a LimitRange refuses it instead.
  await apply({
    apiVersion: 'v1',
    kind: 'LimitRange',
    metadata: { namespace: 'op-restricted', name: 'small' },
    spec: { limits: [{ type: 'Container', max: { memory: '1Mi' } }] },
  });
  await given(LABEL, 'op-restricted', ['web']);
  await whenCluster(client, 'op-quota', 'reports the quota', reports('QuotaExceeded'), 15);
  await whenCluster(client, 'op-restricted', 'reports the limit', reports('LimitRangeViolation'), 15);
});

test('a plugin reports within 15 s why its pod does not start', async () => {
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
    'reports all three',
    ({ status }) =>
      Object.entries(expected).every(([name, reason]) =>
        status?.plugins?.some((plugin) => plugin.name === name && plugin.reason === reason),
      ),
    15,
  );
});
