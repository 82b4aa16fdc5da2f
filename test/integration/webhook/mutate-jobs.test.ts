import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ANNOTATION } from '#api/contract/names.ts';
import type { VirtualClusterPlugin } from '#api/kinds/objects.ts';
import { anExecutorJob } from '#test/builders/executor-job.ts';
import { aPlugin } from '#test/builders/manifests.ts';
import { apply, get, kubectl, tryKubectl } from '#test/kubectl.ts';
import type { Job } from '#webhook/job.ts';
import type { Webhook } from '#webhook/webhook.ts';
import { installKinds, OPERATOR, startFor, stopFor } from './harness.ts';

const namespace = 'webhook-jobs';
let webhook: Webhook;

const asOperator = (job: object) => tryKubectl(['create', '--as', OPERATOR, '-f', '-'], JSON.stringify(job));

beforeAll(async () => {
  await installKinds();
  webhook = await startFor(namespace);
  const rules = [{ apiGroups: ['batch'], resources: ['jobs', 'jobs/finalizers'], verbs: ['*'] }];
  const about = { namespace, name: 'operator' };
  const rbac = 'rbac.authorization.k8s.io';
  await apply(
    { apiVersion: `${rbac}/v1`, kind: 'Role', metadata: about, rules },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'RoleBinding',
      metadata: about,
      roleRef: { apiGroup: rbac, kind: 'Role', name: 'operator' },
      subjects: [{ kind: 'ServiceAccount', name: 'pinion-operator', namespace: 'pinion-system' }],
    },
  );
});

afterAll(() => stopFor(namespace, webhook));

async function jobOf(plugin: string, spec: object, changes: Record<string, string> = {}) {
  await apply(aPlugin(namespace, plugin, spec));
  const { metadata } = (await get<VirtualClusterPlugin>('vp', plugin, namespace)) ?? {};
  return anExecutorJob({
    name: `executor-${plugin}`,
    namespace,
    annotations: {
      [ANNOTATION.plugin]: plugin,
      [ANNOTATION.pluginUid]: metadata?.uid ?? '',
      [ANNOTATION.pluginGeneration]: String(metadata?.generation),
      ...changes,
    },
  });
}

describe('a Job of the operator', () => {
  test('is admitted with its sources, which the API server accepts', async () => {
    const job = await jobOf('chart-of-three', {
      pluginSources: {
        chart: {
          repo: 'https://charts.example.com/stable',
          name: 'web',
          version: '1.2.0',
          secretRef: { name: 'login' },
          valuesFile: { hostPath: { path: '/opt/pinion/values.yaml', nodeName: 'worker-2' } },
        },
      },
    });
    const { ok, stderr } = await asOperator(job);
    expect(ok, stderr).toBe(true);
    const made = await get<Job>('job', 'executor-chart-of-three', namespace);
    expect(made?.metadata.annotations?.[ANNOTATION.injectedGeneration]).toBe('1');
    const spec = made?.spec.template.spec;
    expect(spec?.initContainers?.map(({ name }) => name)).toEqual(['fetch']);
    expect(spec?.volumes?.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['source-chart', 'source-values-file', 'credentials-chart']),
    );
    expect(
      spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms,
    ).toEqual([{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['worker-2'] }] }]);
  });

  test('with sources on two nodes requires both, which no node is', async () => {
    const on = (nodeName: string) => ({ hostPath: { path: '/opt/pinion/a.yaml', nodeName } });
    const job = await jobOf('two-nodes', {
      pluginSources: { chart: { storage: on('worker-1'), valuesFile: on('worker-2') } },
    });
    const { ok, stderr } = await asOperator(job);
    expect(ok, stderr).toBe(true);
    const made = await get<Job>('job', 'executor-two-nodes', namespace);
    const field = (node: string) => ({ key: 'metadata.name', operator: 'In', values: [node] });
    expect(made?.spec.template.spec.affinity).toMatchObject({
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchFields: [field('worker-1'), field('worker-2')] }],
        },
      },
    });
  });

  test('gets the volume of its claim', async () => {
    const job = await jobOf('from-claim', {
      pluginSources: { yaml: { path: { pvPath: 'plugin-store-ubuntu-statefulset-0:/pv' } } },
    });
    const { ok, stderr } = await asOperator(job);
    expect(ok, stderr).toBe(true);
    const made = await get<Job>('job', 'executor-from-claim', namespace);
    expect(made?.spec.template.spec.volumes).toContainEqual({
      name: 'source-yaml',
      persistentVolumeClaim: { claimName: 'plugin-store-ubuntu-statefulset-0' },
    });
  });

  test.each([
    ['whose plugin is gone', { [ANNOTATION.plugin]: 'gone' }, /was deleted in the meantime/],
    ['whose plugin was recreated', { [ANNOTATION.pluginUid]: 'another' }, /recreated in the meantime/],
    ['that is ahead of its plugin', { [ANNOTATION.pluginGeneration]: '9' }, /generation 1.*needs 9; retry/],
  ])('%s is refused, and says so', async (_what, changes, message) => {
    const job = await jobOf(
      'refused',
      { pluginSources: { yaml: { path: { pvPath: 'store:/pv' } } } },
      changes,
    );
    const { ok, stderr } = await asOperator(job);
    expect(ok).toBe(false);
    expect(stderr).toMatch(message);
  });
});

test('a Job without our label does not reach the webhook', async () => {
  const before = await metrics();
  const { metadata, ...rest } = await jobOf('none', {
    pluginSources: { yaml: { path: { pvPath: 'a:/pv' } } },
  });
  await kubectl(['create', '-f', '-'], JSON.stringify({ ...rest, metadata: { ...metadata, labels: {} } }));
  expect(mutations(await metrics())).toEqual(mutations(before));
});

test('the metrics tell requests, durations and the end of certificates', async () => {
  const text = await metrics();
  expect(text).toMatch(/pinion_admission_duration_seconds_count\{path="\/mutate\/jobs"\} [1-9]/);
  expect(text).toMatch(/pinion_admission_requests_total\{path="\/mutate\/jobs",result="allowed"\} [1-9]/);
  expect(text).toMatch(/pinion_admission_requests_total\{path="\/mutate\/jobs",result="refused"\} [1-9]/);
  expect(text).toMatch(/pinion_certificate_expiry_timestamp_seconds\{certificate="leaf"\} [1-9]/);
});

const metrics = () =>
  fetch(`http://127.0.0.1:${webhook.metricsPort}/metrics`).then((answer) => answer.text());
const mutations = (text: string) => text.match(/^pinion_admission_requests_total\{path="\/mutate.*$/gm);
