import { expect, test } from 'vitest';
import type { WorkOrder } from '#api/contract/work-order.ts';
import { apply, eventually, kubectl, list } from '#test/kubectl.ts';
import { createPod, type Pod } from './pod.ts';

const labels = { app: 'web' };
const template = {
  metadata: { labels },
  spec: { containers: [{ name: 'app', image: 'example.com/app:1' }] },
};
const workload = (kind: string, name: string, spec: object = {}) => ({
  apiVersion: 'apps/v1',
  kind,
  metadata: { name },
  spec: { selector: { matchLabels: labels }, template, ...spec },
});

/** A pod of the executor and a chart of these objects, as a release in a namespace of its own. */
async function aChart(namespace: string, objects: object[], order: Partial<WorkOrder> = {}): Promise<Pod> {
  const pod = await createPod();
  await pod.sources({
    'chart/web/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.2.0\n',
    'chart/web/templates/all.yaml': objects.map((object) => JSON.stringify(object)).join('\n---\n'),
  });
  await pod.order({
    targetNamespace: namespace,
    timeoutMs: 60_000,
    ...order,
    install: {
      kind: 'chart',
      chart: { slot: 'chart', path: 'web' },
      releaseName: 'web',
      valuesFiles: [],
      wait: true,
    },
  });
  return pod;
}

type Named = { metadata: { name: string } };
const firstPod = (namespace: string) =>
  eventually(
    'there is a pod',
    30,
    async () => (await list<Named>('pods', '-n', namespace))[0]?.metadata.name,
  );
const setStatus = (namespace: string, kind: string, name: string, status: object) =>
  kubectl(['patch', kind, name, '-n', namespace, '--subresource=status', '-p', JSON.stringify({ status })]);
const condition = (type: string, status: string, reason = 'R', message = 'm') => ({
  type,
  status,
  reason,
  message,
});
/** What the kubelet would write: no node runs these pods. */
const RUNNING = { phase: 'Running', conditions: [condition('Ready', 'True')] };
const SHORT = { timeoutMs: 15_000 };

test('a chart is installed when its pods are Ready, and helm does not wait', async () => {
  const pod = await aChart('wait-ready', [workload('Deployment', 'web')]);
  const running = pod.start('run');
  await setStatus('wait-ready', 'pod', await firstPod('wait-ready'), RUNNING);
  const { report, log } = await running.ended;
  expect(report, log).toMatchObject({ reason: 'Succeeded', revision: 1 });
  expect(log).toContain('waiting for Deployment wait-ready/web');
  expect(log).not.toContain('--wait');
});

const HOOK = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'hook', annotations: { 'helm.sh/hook': 'post-install' } },
};

test('helm waits itself when a hook expects the release to be ready', async () => {
  const pod = await aChart('wait-hook', [workload('Deployment', 'web'), HOOK]);
  const running = pod.start('run');
  await setStatus('wait-hook', 'pod', await firstPod('wait-hook'), RUNNING);
  const { report, log } = await running.ended;
  expect(report, log).toMatchObject({ reason: 'Succeeded', revision: 1 });
  expect(log).toContain('--wait=watcher');
});

test('when helm has waited in vain, the message names the pod and its container too', async () => {
  const pod = await aChart('wait-helm', [workload('Deployment', 'web'), HOOK], SHORT);
  const running = pod.start('run');
  const broken = await firstPod('wait-helm');
  await setStatus('wait-helm', 'pod', broken, {
    phase: 'Pending',
    conditions: [condition('PodScheduled', 'False', 'Unschedulable', 'no room')],
  });
  const { report, log } = await running.ended;
  expect(report?.reason, log).toBe('InstallTimeout');
  expect(report?.message).toContain(
    `Deployment wait-helm/web: 0 of 1 pods are available; pod ${broken}: Unschedulable: no room`,
  );
});

test('the second pod of a Job waits for what the first one has deployed', async () => {
  const pod = await aChart('wait-again', [workload('Deployment', 'web')]);
  const first = pod.start('run', { PINION_POD: 'executor-web-0123456789-aaaaa' });
  await eventually('it waits', 60, async () => pod.log().includes('waiting for Deployment'));
  first.kill('SIGKILL');
  await first.ended;
  const second = pod.start('run', { PINION_POD: 'executor-web-0123456789-bbbbb' });
  await eventually('it waits', 60, async () => pod.log().includes('waiting for Deployment'));
  await setStatus('wait-again', 'pod', await firstPod('wait-again'), RUNNING);
  const { report, log } = await second.ended;
  expect(report, log).toMatchObject({ reason: 'Succeeded', revision: 1 });
  expect(log).toContain('from an earlier pod of this Job');
});

test('SIGTERM ends the waiting of a first installation: the next pod goes on', async () => {
  const pod = await aChart('wait-term', [workload('Deployment', 'web')]);
  const running = pod.start('run');
  await eventually('it waits', 60, async () => pod.log().includes('waiting for Deployment'));
  running.kill('SIGTERM');
  const { report, log } = await running.ended;
  expect(report, log).toMatchObject({
    reason: 'Terminated',
    message: 'terminated while waiting for Deployment wait-term/web',
  });
});

test('what has failed ends the waiting before the time is over', async () => {
  const deployment = workload('Deployment', 'web', { progressDeadlineSeconds: 2 });
  const pod = await aChart('wait-failed', [deployment], { timeoutMs: 120_000 });
  const { report, log } = await pod.start('run').ended;
  expect(report?.reason, log).toBe('InstallTimeout');
  expect(report?.message).toMatch(
    /^not ready, .*: Deployment wait-failed\/web: ProgressDeadlineExceeded: .*; pod web-/,
  );
});

test.for([
  {
    name: 'pull',
    what: 'an image that cannot be pulled',
    status: {
      phase: 'Pending',
      containerStatuses: [
        {
          name: 'app',
          image: 'a',
          imageID: '',
          ready: false,
          restartCount: 0,
          state: { waiting: { reason: 'ImagePullBackOff', message: 'example.com/app:1: not found' } },
        },
      ],
    },
    says: 'container app is in ImagePullBackOff: example.com/app:1: not found',
  },
  {
    name: 'memory',
    what: 'a container that takes too much memory',
    status: {
      phase: 'Running',
      containerStatuses: [
        {
          name: 'app',
          image: 'a',
          imageID: '',
          ready: false,
          restartCount: 4,
          state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off' } },
          lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } },
        },
      ],
    },
    says: 'container app is in CrashLoopBackOff, last exit code 137 (OOMKilled)',
  },
  {
    name: 'nodes',
    what: 'a pod that fits no node',
    status: {
      phase: 'Pending',
      conditions: [
        condition('PodScheduled', 'False', 'Unschedulable', '0/4 nodes are available: 4 Insufficient cpu.'),
      ],
    },
    says: 'Unschedulable: 0/4 nodes are available: 4 Insufficient cpu.',
  },
])('when the time is over the message names $what and its pod', async ({ name, status, says }) => {
  const namespace = `wait-${name}`;
  const pod = await aChart(namespace, [workload('Deployment', 'web')], SHORT);
  const running = pod.start('run');
  const broken = await firstPod(namespace);
  await setStatus(namespace, 'pod', broken, status);
  const { report, log } = await running.ended;
  expect(report?.reason, log).toBe('InstallTimeout');
  expect(report?.message).toContain(`not ready within 15 s: Deployment ${namespace}/web: 0 of 1 pods `);
  expect(report?.message).toContain(`pod ${broken}: ${says}`);
});

test.for([
  {
    name: 'quota-deployment',
    what: 'the quota that keeps a Deployment from making pods',
    object: workload('Deployment', 'web'),
    says: 'exceeded quota: none',
  },
  {
    name: 'quota-set',
    what: 'the quota that keeps a StatefulSet from making pods',
    object: workload('StatefulSet', 'web', { serviceName: 'web' }),
    says: 'exceeded quota: none',
  },
  {
    name: 'claim',
    what: 'why a claim is not bound',
    object: {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'web' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } },
    },
    says: 'no storage class is set',
  },
])('when the time is over the message names $what', async ({ name, object, says }) => {
  const namespace = `wait-${name}`;
  await apply(
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'none', namespace },
      spec: { hard: { pods: '0' } },
    },
  );
  await eventually(
    'the quota is counted',
    30,
    async () =>
      (await list<{ status?: { used?: object } }>('resourcequota', '-n', namespace))[0]?.status?.used,
  );
  const pod = await aChart(namespace, [object], SHORT);
  const { report, log } = await pod.start('run').ended;
  expect(report?.reason, log).toBe('InstallTimeout');
  expect(report?.message).toContain(`${namespace}/web: `);
  expect(report?.message).toContain(says);
});
