import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { issueAuthority, issueCertificate } from '#kube/certificates/issue.ts';
import { apply, eventually, kubectl, list } from '#test/kubectl.ts';
import { aJob, anObject, CHART, objects, podTemplate } from './mistakes.ts';
import { createPod } from './pod.ts';

const chart = (timeoutMs: number, namespace: string) => ({
  targetNamespace: namespace,
  timeoutMs,
  install: {
    kind: 'chart' as const,
    chart: { slot: 'chart' as const, path: '' },
    releaseName: 'web',
    valuesFiles: [],
    wait: true,
  },
});

const hook = (event: string, policy?: string) => ({
  annotations: { 'helm.sh/hook': event, ...(policy ? { 'helm.sh/hook-delete-policy': policy } : {}) },
});

/** A Job as a hook; its pod is on a node of the test. */
function aHook(event: string, node: string, policy?: string) {
  const job = aJob();
  const { spec } = job as unknown as { spec: { template: { spec: object } } };
  const template = { ...spec.template, spec: { ...spec.template.spec, nodeName: node } };
  return { ...job, metadata: { name: 'check', ...hook(event, policy) }, spec: { ...spec, template } };
}

/** A node whose kubelet has one log for every container. */
async function aNode(name: string, log: string): Promise<void> {
  const life = { now: Date.now(), lifeMs: 3_600_000 };
  const authority = await issueAuthority('kubelet', life);
  const leaf = { commonName: name, names: ['127.0.0.1'], usages: ['server' as const] };
  const { cert, key } = await issueCertificate(authority, leaf, life);
  const kubelet = createServer({ cert, key }, (_request, response) => {
    response.setHeader('content-type', 'text/plain');
    response.end(log);
  });
  await new Promise<void>((listening) => kubelet.listen(0, '127.0.0.1', listening));
  onTestFinished(() => void kubelet.close());
  const { port } = kubelet.address() as AddressInfo;
  await apply(anObject('Node', {}, 'v1', name));
  const status = {
    addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
    daemonEndpoints: { kubeletEndpoint: { Port: port } },
  };
  await kubectl(['patch', 'node', name, '--subresource=status', '-p', JSON.stringify({ status })]);
}

/** Plays the kubelet: the Job's pod ends. */
async function failPod(namespace: string): Promise<void> {
  const pod = await eventually('the hook has a pod', 60, async () => {
    const [first] = await list<{ metadata: { name: string } }>('pods', '-n', namespace).catch(() => []);
    return first?.metadata.name;
  });
  const terminated = { exitCode: 3, reason: 'Error' };
  const containerStatuses = [
    { name: 'main', image: 'a', imageID: '', ready: false, restartCount: 0, state: { terminated } },
  ];
  const status = { phase: 'Failed', containerStatuses };
  await kubectl([
    'patch',
    'pod',
    pod,
    '-n',
    namespace,
    '--subresource=status',
    '-p',
    JSON.stringify({ status }),
  ]);
}

test.for(['pre-install', 'post-install'])(
  'a %s hook that fails is told with the end of its log',
  async (event) => {
    const namespace = `hook-${event}`;
    await aNode(namespace, '{"level":"info"}\nchecking the license\nlicense has expired on 1 May\n');
    const pod = await createPod();
    await pod.sources({
      'chart/Chart.yaml': CHART,
      'chart/templates/a.yaml': objects(aHook(event, namespace)),
    });
    await pod.order(chart(120_000, namespace));
    const running = pod.start('run');
    await failPod(namespace);
    const { report, log } = await running.ended;
    expect(report?.reason, log).toBe('HookFailed');
    expect(report?.message).toMatch(
      /hook Job \S+\/check failed: container main of pod check-\w+ ended with exit code 3 and said: .*license has expired on 1 May; correct what it needs and retry/,
    );
    expect(report?.message).toContain(event);
  },
);

test('a hook that its own policy deletes when it fails is told without its log', async () => {
  await aNode('hook-gone', 'never read');
  const pod = await createPod();
  const job = aHook('pre-install', 'hook-gone', 'before-hook-creation,hook-failed');
  await pod.sources({ 'chart/Chart.yaml': CHART, 'chart/templates/a.yaml': objects(job) });
  await pod.order(chart(120_000, 'hook-gone'));
  const running = pod.start('run');
  await failPod('hook-gone');
  const { report, log } = await running.ended;
  expect(report?.reason, log).toBe('HookFailed');
  expect(report?.message).toMatch(
    /pre-install hook Job hook-gone\/check failed: (its pod is gone|container main)/,
  );
});

test('a hook that does not end is told with what its pod waits for', async () => {
  const pod = await createPod();
  const waiting = { ...aJob(), metadata: { name: 'check', ...hook('pre-install') } };
  await pod.sources({ 'chart/Chart.yaml': CHART, 'chart/templates/a.yaml': objects(waiting) });
  await pod.order(chart(8000, 'hook-slow'));
  const { report, log } = await pod.start('run').ended;
  expect(report?.reason, log).toBe('InstallTimeout');
  expect(report?.message).toMatch(
    /pre-install hook Job hook-slow\/check did not end within 8 s: pod check-\w+ is Pending; look at it, or raise spec\.timeout/,
  );
});

test('workloads that wait for a hook that waits for them are told how to go on', async () => {
  const pod = await createPod();
  const { spec } = aJob() as unknown as { spec: object };
  const migrate = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'migrate', ...hook('post-install') },
    spec,
  };
  const web = anObject(
    'Deployment',
    { spec: { selector: { matchLabels: { app: 'a' } }, template: podTemplate() } },
    'apps/v1',
  );
  await pod.sources({ 'chart/Chart.yaml': CHART, 'chart/templates/a.yaml': objects(web, migrate) });
  await pod.order(chart(8000, 'hook-circle'));
  const { report, log } = await pod.start('run').ended;
  expect(report?.reason, log).toBe('InstallTimeout');
  expect(report?.message).toMatch(
    /not ready within 8 s: Deployment hook-circle\/thing: 0 of 1 pods.*post-install hooks \(Job migrate\) run only when all is ready.*set chart\.wait: false/,
  );
});
