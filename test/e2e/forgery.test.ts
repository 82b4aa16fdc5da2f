import { beforeAll, describe, expect, test } from 'vitest';
import { aPlugin, aVirtualCluster } from '#test/builders.ts';
import { apply, eventually, kubectl, list, tryApply, tryKubectl } from '#test/kubectl.ts';
import { freshStore } from './store.ts';
import { freshNamespace, untilPhase } from './world.ts';

const namespace = 'e2e-forgery';
const executorLabel = { 'app.kubernetes.io/component': 'plugin-executor' };
const template = {
  spec: {
    restartPolicy: 'Never',
    containers: [{ name: 'a', image: 'nowhere.example/a', command: ['true'] }],
  },
};
const job = (name: string, labels: Record<string, string>, spec: object = {}) => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { namespace, name, labels },
  spec: { suspend: true, template, ...spec },
});

beforeAll(async () => {
  await freshNamespace(namespace);
  await freshStore(namespace, {
    'plain.yaml':
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"plain","namespace":"e2e-forgery"}}',
  });
  const plain = { pluginSources: { yaml: { path: { pvPath: 'store-store-0:/pv/plain.yaml' } } } };
  await apply(aPlugin(namespace, 'plain', plain));
  await apply(aVirtualCluster(namespace, 'real', ['plain']));
  await untilPhase(namespace, 'real', 'Completed', 240);
});

/** The executor Job of the plugin, as job/NAME. */
const realJob = async () => {
  const selector = ['-l', 'app.kubernetes.io/component=plugin-executor'];
  const [name = ''] = (await kubectl(['get', 'jobs', '-n', namespace, ...selector, '-o', 'name'])).split(
    '\n',
  );
  return name;
};

describe('the label of executor Jobs is refused', () => {
  test('on a Job that an administrator creates', async () => {
    const { ok, stderr } = await tryApply(job('forged', executorLabel));
    expect(ok).toBe(false);
    expect(stderr).toMatch(/plugin-executor/);
  });

  test('on a pod that an administrator creates', async () => {
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { namespace, name: 'forged', labels: executorLabel },
      ...template,
    };
    const { ok, stderr } = await tryApply(pod);
    expect(ok).toBe(false);
    expect(stderr).toMatch(/plugin-executor/);
  });

  test('on a Job that gets it after its creation', async () => {
    await apply(job('plain-job', {}));
    const { ok } = await tryKubectl([
      'label',
      'job/plain-job',
      '-n',
      namespace,
      'app.kubernetes.io/component=plugin-executor',
    ]);
    expect(ok).toBe(false);
  });

  test('to be removed from an executor Job', async () => {
    const { ok } = await tryKubectl([
      'label',
      await realJob(),
      '-n',
      namespace,
      'app.kubernetes.io/component-',
    ]);
    expect(ok).toBe(false);
  });
});

test('an administrator can annotate an executor Job', async () => {
  await kubectl(['annotate', await realJob(), '-n', namespace, 'example.com/note=seen', '--overwrite']);
});

test('foreground deletion of an executor Job deletes its pods and its Secret', async () => {
  const name = await realJob();
  await kubectl(['delete', name, '-n', namespace, '--cascade=foreground', '--timeout=300s']);
  await eventually('pods and Secrets of the Job are gone', 120, async () => {
    const pods = await list('pods', '-n', namespace, '-l', 'app.kubernetes.io/component=plugin-executor');
    const secrets = await list(
      'secrets',
      '-n',
      namespace,
      '-l',
      'app.kubernetes.io/component=plugin-executor',
    );
    return pods.length + secrets.length === 0;
  });
});

test('100 unlabelled Jobs do not reach the webhook', async () => {
  const before = await admissions();
  await apply(...Array.from({ length: 100 }, (_, i) => job(`other-${i}`, {})));
  expect(await admissions()).toBe(before);
});

/** The number of requests to /mutate/jobs, over all replicas. */
async function admissions(): Promise<number> {
  const names = (await kubectl(['get', 'pods', '-n', 'pinion-system', '-o', 'name'])).split('\n');
  let total = 0;
  for (const name of names.filter((name) => name.startsWith('pod/pinion-webhook'))) {
    const path = `/api/v1/namespaces/pinion-system/pods/${name.slice(4)}:8080/proxy/metrics`;
    const metrics = await kubectl(['get', '--raw', path]);
    for (const [, count] of metrics.matchAll(
      /^pinion_admission_requests_total\{[^}]*mutate[^}]*\} (\d+)/gm,
    )) {
      total += Number(count);
    }
  }
  return total;
}
