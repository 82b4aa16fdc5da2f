import { expect, test } from 'vitest';
import { apply, get, kubectl } from '#test/kubectl.ts';
import { startApiServer } from '../apiserver.ts';
import { aConfigMapOf, createPod } from './pod.ts';

const chart = {
  kind: 'chart' as const,
  chart: { slot: 'chart' as const, path: '' },
  releaseName: 'held',
  valuesFiles: [],
  wait: true,
};
const slow =
  'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: slow}\nspec: {replicas: 1, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: a, image: a}]}}}';
const hook =
  'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: hook, annotations: {helm.sh/hook: pre-install}}\n';
const sources = {
  'chart/Chart.yaml': 'apiVersion: v2\nname: held\nversion: 1.0.0\n',
  'chart/templates/slow.yaml': slow,
};
const leaseOf = (namespace: string, holderIdentity: string, leaseDurationSeconds: number) => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { namespace, name: 'pinion-release-held' },
  spec: { holderIdentity, leaseDurationSeconds },
});

test('a Lease that its holder renews is not taken', async () => {
  await kubectl(['create', 'namespace', 'lease-a']);
  await apply(leaseOf('lease-a', 'another-pod', 10));
  const renewal = setInterval(() => {
    void kubectl([
      'annotate',
      'lease',
      '-n',
      'lease-a',
      'pinion-release-held',
      `t=${Date.now()}`,
      '--overwrite',
    ]);
  }, 800);
  const pod = await createPod();
  await pod.sources(sources);
  await pod.order({ targetNamespace: 'lease-a', timeoutMs: 25_000, install: chart });
  const { report, code } = await pod.start('run').ended;
  clearInterval(renewal);
  expect(report?.message).toContain('another-pod');
  expect(report?.reason).toBe('LeaseHeld');
  expect(code).toBe(33);
});

test('a Lease whose holder stopped renewing is taken after its life', async () => {
  await kubectl(['create', 'namespace', 'lease-b']);
  await apply(leaseOf('lease-b', 'gone', 2));
  const pod = await createPod();
  await pod.sources(sources);
  await pod.order({ targetNamespace: 'lease-b', install: { ...chart, wait: false } });
  expect((await pod.start('run').ended).report?.reason).toBe('Succeeded');
});

test('an executor whose Lease goes to another pod stops its helm', async () => {
  const pod = await createPod();
  await pod.sources(sources);
  await pod.order({ targetNamespace: 'lease-c', timeoutMs: 180_000, install: chart });
  const running = pod.start('run');
  await expect
    .poll(() => get('deployment', 'slow', 'lease-c').catch(() => undefined), { timeout: 60_000 })
    .toBeDefined();
  await kubectl([
    'patch',
    'lease',
    '-n',
    'lease-c',
    'pinion-release-held',
    '--type=merge',
    '-p',
    '{"spec":{"holderIdentity":"thief"}}',
  ]);
  const { report } = await running.ended;
  expect(report).toMatchObject({ reason: 'LeaseHeld', message: expect.stringContaining('thief') });
});

test('SIGTERM lets helm finish a first installation; an upgrade is stopped and leaves nothing pending', async () => {
  const pod = await createPod();
  // With a hook helm does the waiting itself, so there is a middle to be ended in.
  await pod.sources({ ...sources, 'chart/templates/hook.yaml': hook });
  await pod.order({ targetNamespace: 'lease-d', timeoutMs: 180_000, install: chart });
  const first = pod.start('run');
  await expect
    .poll(() => get('deployment', 'slow', 'lease-d').catch(() => undefined), { timeout: 60_000 })
    .toBeDefined();
  first.kill('SIGTERM');
  await kubectl(['scale', 'deployment', 'slow', '-n', 'lease-d', '--replicas=0']);
  expect((await first.ended).report).toMatchObject({ reason: 'Succeeded', revision: 1 });

  const second = pod.start('run');
  const statuses = () =>
    kubectl([
      'get',
      'secret',
      '-n',
      'lease-d',
      '-l',
      'name=held',
      '-o',
      'jsonpath={.items[*].metadata.labels.status}',
    ]);
  await expect.poll(statuses, { timeout: 60_000 }).toBe('deployed pending-upgrade');
  second.kill('SIGTERM');
  expect((await second.ended).report?.reason).toBe('Terminated');
  expect(await statuses()).toBe('deployed failed');
});

test('a target that goes away ends the installation before another pod could take the Lease', async () => {
  const server = await startApiServer({ controllerManager: true });
  try {
    const pod = await createPod(server.kubeconfig);
    await pod.sources(sources);
    await pod.order({ timeoutMs: 180_000, install: chart });
    const running = pod.start('run');
    await expect.poll(() => pod.log(), { timeout: 60_000 }).toContain('helm upgrade');
    await new Promise((resume) => setTimeout(resume, 1500));
    await server.stop();
    const began = Date.now();
    const { report } = await running.ended;
    expect(Date.now() - began).toBeLessThan(15_000);
    expect(report?.reason).toBe('TargetUnreachable');
  } finally {
    await server.stop();
  }
});

test('a target that is not there is named', async () => {
  const server = await startApiServer();
  const pod = await createPod(server.kubeconfig);
  await server.stop();
  await pod.sources({ 'yaml/a.yaml': aConfigMapOf('a') });
  await pod.order({ install: { kind: 'yaml', source: { slot: 'yaml', path: '' } } });
  const { report, code } = await pod.start('run').ended;
  expect(report).toMatchObject({ reason: 'TargetUnreachable', message: expect.stringContaining(server.url) });
  expect(code).toBe(32);
});
