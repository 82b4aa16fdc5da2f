import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ANNOTATION, EXECUTOR_COMPONENT, LABEL } from '#api/contract/names.ts';
import { type ApiServer, startApiServer } from '../apiserver.ts';

const OPERATOR = 'system:serviceaccount:pinion-system:pinion-operator';
const NAMESPACE = 'policies';
const executorLabels = { [LABEL.component]: EXECUTOR_COMPONENT, [LABEL.clusterName]: 'a' };

/** Its own API server, because the policies are for the whole cluster, and other tests play the operator. */
let server: ApiServer;

type Result = { ok: boolean; text: string };
async function kubectl(args: string[], { as, input }: { as?: string; input?: object } = {}): Promise<Result> {
  const run = await execa('.local/bin/kubectl', as ? [...args, `--as=${as}`] : args, {
    env: { KUBECONFIG: server.kubeconfig },
    reject: false,
    all: true,
    timeout: 200_000,
    ...(input && { input: JSON.stringify(input) }),
  });
  return { ok: !run.failed, text: run.all };
}

async function must(...command: Parameters<typeof kubectl>): Promise<string> {
  const { ok, text } = await kubectl(...command);
  if (!ok) throw new Error(`kubectl ${command[0].join(' ')}: ${text}`);
  return text;
}

const podSpec = { restartPolicy: 'Never', containers: [{ name: 'executor', image: 'pinion/executor' }] };
const aJob = (name: string, labels: object, { template = labels, suspend = true } = {}) => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name, namespace: NAMESPACE, labels, annotations: { [ANNOTATION.digest]: 'd' } },
  spec: { suspend, template: { metadata: { labels: template }, spec: podSpec } },
});
const aPod = (name: string, labels: object) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: NAMESPACE, labels },
  spec: podSpec,
});
const create = (object: object, as?: string) =>
  kubectl(['create', '-f', '-'], { input: object, ...(as && { as }) });
const patch = (what: string, change: object, as?: string) =>
  kubectl(['patch', '-n', NAMESPACE, what, '--type=merge', '-p', JSON.stringify(change)], as ? { as } : {});

async function eventually(what: string, probe: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 120_000;
  while (!(await probe())) {
    if (Date.now() > end) throw new Error(`timed out after 120 s waiting until ${what}`);
    await new Promise((resume) => setTimeout(resume, 250));
  }
}

beforeAll(async () => {
  server = await startApiServer({ controllerManager: true });
  await must(['apply', '--server-side', '-k', 'deploy/']);
  // Without its admission webhook, because no program of Pinion runs here.
  await must(['delete', 'mutatingwebhookconfiguration', 'pinion']);
  await must(['create', 'namespace', NAMESPACE]);
  await must(['wait', '--for=create', '-n', NAMESPACE, 'serviceaccount/default', '--timeout=120s']);
  await eventually('the policies are in force', async () => {
    const job = await kubectl(['create', '--dry-run=server', '-f', '-'], {
      input: aJob('probe', executorLabels),
    });
    const pod = await kubectl(['create', '--dry-run=server', '-f', '-'], {
      input: aPod('probe', executorLabels),
    });
    return !job.ok && !pod.ok;
  });
});
afterAll(() => server?.stop());

describe('Jobs with the executor label', () => {
  test('are refused from a cluster admin, with a message that says what to do', async () => {
    const { ok, text } = await create(aJob('foreign', executorLabels));
    expect(ok).toBe(false);
    expect(text).toMatch(/only Pinion's operator creates Jobs .*; create a VirtualCluster instead/s);
  });

  test('are refused when only the pod template has the label', async () => {
    const { ok, text } = await create(aJob('hidden', {}, { template: executorLabels }));
    expect(ok).toBe(false);
    expect(text).toMatch(/or\s+its pod template/);
  });

  test('can be created by the operator, which then unsuspends and pins them', async () => {
    expect(await create(aJob('made', executorLabels), OPERATOR)).toMatchObject({ ok: true });
    const affinity = {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n'] }] }],
        },
      },
    };
    const change = { spec: { suspend: false, template: { spec: { affinity } } } };
    expect(await patch('job/made', change, OPERATOR)).toMatchObject({ ok: true });
  });

  test.each<[string, object]>([
    ['unsuspended', { spec: { suspend: false } }],
    ['changed to more parallelism', { spec: { parallelism: 3 } }],
    ['stripped of the label', { metadata: { labels: { [LABEL.component]: null } } }],
    ['labelled for another cluster', { metadata: { labels: { [LABEL.clusterName]: 'b' } } }],
    ['annotated as injected', { metadata: { annotations: { [ANNOTATION.injectedGeneration]: '1' } } }],
    ['annotated with another digest', { metadata: { annotations: { [ANNOTATION.digest]: 'e' } } }],
  ])('cannot be %s by others', async (_what, change) => {
    await create(aJob('kept', executorLabels), OPERATOR);
    expect(await patch('job/kept', change)).toMatchObject({ ok: false });
  });

  test('can get other labels and annotations from others', async () => {
    await create(aJob('kept', executorLabels), OPERATOR);
    const change = { metadata: { labels: { team: 'a' }, annotations: { note: 'b' } } };
    expect(await patch('job/kept', change)).toMatchObject({ ok: true });
  });

  test('can be deleted by others', async () => {
    await must(['create', '-f', '-'], { input: aJob('deleted', executorLabels), as: OPERATOR });
    expect(await kubectl(['delete', 'job', 'deleted', '-n', NAMESPACE])).toMatchObject({ ok: true });
  });
});

describe('Jobs without the executor label', () => {
  test('can be created and unsuspended by others', async () => {
    expect(await create(aJob('other', { app: 'x' }))).toMatchObject({ ok: true });
    expect(await patch('job/other', { spec: { suspend: false } })).toMatchObject({ ok: true });
  });

  test('cannot get the executor label later', async () => {
    await create(aJob('other', { app: 'x' }));
    expect(await patch('job/other', { metadata: { labels: executorLabels } })).toMatchObject({ ok: false });
  });
});

describe('pods with the executor label', () => {
  const podsOf = (job: string) =>
    must(['get', 'pods', '-n', NAMESPACE, '-l', `job-name=${job}`, '-o', 'name']).then((text) =>
      text.split('\n').filter((line) => line !== ''),
    );

  test.each([undefined, OPERATOR])(
    'are refused from a cluster admin or the operator (as: %s)',
    async (as) => {
      const { ok, text } = await create(aPod('foreign', executorLabels), as);
      expect(ok).toBe(false);
      if (as === undefined) expect(text).toContain('only the job controller creates pods');
    },
  );

  test('are refused from other controllers', async () => {
    const labels = { ...executorLabels, app: 'set' };
    const set = {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: { name: 'set', namespace: NAMESPACE },
      spec: {
        replicas: 1,
        selector: { matchLabels: { app: 'set' } },
        template: { metadata: { labels }, spec: { containers: podSpec.containers } },
      },
    };
    expect(await create(set)).toMatchObject({ ok: true });
    await eventually('the ReplicaSet reports the refusal', async () =>
      (await must(['get', 'replicaset', 'set', '-n', NAMESPACE, '-o', 'yaml'])).includes('only the job'),
    );
    await must(['delete', 'replicaset', 'set', '-n', NAMESPACE]);
  });

  test('are created by the job controller and keep their label', async () => {
    await must(['create', '-f', '-'], {
      input: aJob('works', executorLabels, { suspend: false }),
      as: OPERATOR,
    });
    await eventually('the Job has a pod', async () => (await podsOf('works')).length === 1);
    const [pod = ''] = await podsOf('works');
    expect(await patch(pod, { metadata: { labels: { [LABEL.component]: null } } })).toMatchObject({
      ok: false,
    });
    expect(await patch(pod, { metadata: { labels: { team: 'a' } } })).toMatchObject({ ok: true });
    const otherImage = { spec: { containers: [{ name: 'executor', image: 'other' }] } };
    const change = ['patch', '-n', NAMESPACE, pod, '--type=strategic', '-p', JSON.stringify(otherImage)];
    expect(await kubectl(change)).toMatchObject({
      ok: false,
      text: expect.stringContaining("can't be changed"),
    });
    const debug = { spec: { ephemeralContainers: [{ name: 'debug', image: 'other' }] } };
    expect(
      await kubectl([
        ...['patch', '-n', NAMESPACE, pod, '--subresource=ephemeralcontainers', '--type=strategic'],
        ...['-p', JSON.stringify(debug)],
      ]),
    ).toMatchObject({ ok: false, text: expect.stringContaining("can't be changed") });
  });

  test('can end, and their Job becomes Complete', async () => {
    await must(['create', '-f', '-'], {
      input: aJob('ends', executorLabels, { suspend: false }),
      as: OPERATOR,
    });
    await eventually('the Job has a pod', async () => (await podsOf('ends')).length === 1);
    const [pod = ''] = await podsOf('ends');
    const status = { status: { phase: 'Succeeded' } };
    await must([
      'patch',
      '-n',
      NAMESPACE,
      pod,
      '--subresource=status',
      '--type=merge',
      '-p',
      JSON.stringify(status),
    ]);
    await must(['wait', '-n', NAMESPACE, 'job/ends', '--for=condition=Complete', '--timeout=120s']);
  });

  test.each(['background', 'foreground'])('are deleted with their Job (%s)', async (cascade) => {
    const name = `goes-${cascade}`;
    await must(['create', '-f', '-'], {
      input: aJob(name, executorLabels, { suspend: false }),
      as: OPERATOR,
    });
    await eventually('the Job has a pod', async () => (await podsOf(name)).length === 1);
    await must(['delete', 'job', name, '-n', NAMESPACE, `--cascade=${cascade}`, '--timeout=120s']);
    await eventually('the pod is gone', async () => (await podsOf(name)).length === 0);
  });

  test('cannot get the executor label later', async () => {
    await must(['create', '-f', '-'], { input: aPod('plain', {}) });
    expect(await patch('pod/plain', { metadata: { labels: executorLabels } })).toMatchObject({ ok: false });
  });
});
