import { expect, test } from 'vitest';
import type { WorkOrder } from '#api/contract/work-order.ts';
import { get, kubectl } from '#test/kubectl.ts';
import { createPod, type Pod } from './pod.ts';

const chartYaml = 'apiVersion: v2\nname: web\nversion: 1.2.0\n';
const template = `apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Release.Name }}}
data:
  colour: {{ .Values.colour | quote }}
  password: {{ .Values.password | default "none" | quote }}
`;

async function aChartPod(files: Record<string, string> = {}): Promise<Pod> {
  const pod = await createPod();
  await pod.sources({
    'chart/web/Chart.yaml': chartYaml,
    'chart/web/values.yaml': 'colour: red\n',
    'chart/web/templates/map.yaml': template,
    ...files,
  });
  return pod;
}

const chart = (releaseName: string): Extract<WorkOrder['install'], { kind: 'chart' }> => ({
  kind: 'chart',
  chart: { slot: 'chart', path: 'web' },
  releaseName,
  valuesFiles: [],
  wait: true,
});

test('a chart is installed with its values in order, then upgraded', async () => {
  const pod = await aChartPod({ 'values-file/v.yaml': 'colour: green\npassword: from-file' });
  const values = { 'values-1.yaml': 'colour: blue', 'values-2.yaml': 'password: hunter22' };
  const install = {
    ...chart('ordered'),
    valuesFiles: [
      { from: 'source' as const, source: { slot: 'values-file' as const, path: '' } },
      { from: 'order' as const, key: 'values-1.yaml', secret: false },
      { from: 'order' as const, key: 'values-2.yaml', secret: true },
    ],
  };
  await pod.order(
    {
      targetNamespace: 'chart-a',
      install,
      verify: { command: 'echo hunter22 $KUBECONFIG', timeoutMs: 30_000 },
    },
    values,
  );
  const first = await pod.start('run').ended;
  expect(first.log).toContain('Succeeded: release ordered (web 1.2.0) installed, revision 1, and verified');
  expect(first.report).toMatchObject({
    reason: 'Succeeded',
    revision: 1,
    verified: 'Yes',
  });
  expect(first.log + first.message).not.toContain('hunter22');
  const map = await get<{ data: unknown }>('configmap', 'ordered', 'chart-a');
  expect(map?.data).toEqual({ colour: 'blue', password: 'hunter22' });
  const second = await pod.start('run').ended;
  expect(second.report?.revision).toBe(2);
});

test('values that are taken away are taken out of the release', async () => {
  const pod = await aChartPod();
  const valuesFiles = [{ from: 'order' as const, key: 'values-1.yaml', secret: false }];
  await pod.order(
    { targetNamespace: 'chart-e', install: { ...chart('reset'), valuesFiles } },
    { 'values-1.yaml': 'colour: blue\npassword: hunter22' },
  );
  await pod.start('run').ended;
  const before = await get<{ data: unknown }>('configmap', 'reset', 'chart-e');
  expect(before?.data).toEqual({ colour: 'blue', password: 'hunter22' });
  await pod.order({ targetNamespace: 'chart-e', install: chart('reset') });
  const { report, log } = await pod.start('run').ended;
  expect(report, log).toMatchObject({ reason: 'Succeeded', revision: 2 });
  const after = await get<{ data: unknown }>('configmap', 'reset', 'chart-e');
  expect(after?.data).toEqual({ colour: 'red', password: 'none' });
});

test('a field that another client has set is taken over by an upgrade', async () => {
  const pod = await aChartPod();
  await pod.order({ targetNamespace: 'chart-f', install: chart('taken') });
  await pod.start('run').ended;
  await kubectl(['patch', 'configmap', 'taken', '-n', 'chart-f', '-p', '{"data":{"colour":"grey"}}']);
  const { report, log } = await pod.start('run').ended;
  expect(report, log).toMatchObject({ reason: 'Succeeded', revision: 2 });
  const map = await get<{ data: { colour: string } }>('configmap', 'taken', 'chart-f');
  expect(map?.data.colour).toBe('red');
});

test('a second pod of one Job does not install again what the first one did', async () => {
  const pod = await aChartPod();
  await pod.order({ targetNamespace: 'chart-b', install: chart('again') });
  await pod.start('run', { PINION_POD: 'executor-web-0123456789-aaaaa' }).ended;
  const second = await pod.start('run', { PINION_POD: 'executor-web-0123456789-bbbbb' }).ended;
  expect(second.report).toMatchObject({ reason: 'Succeeded', revision: 1 });
  const third = await pod.start('run', { PINION_POD: 'executor-web-1123456789-bbbbb' }).ended;
  expect(third.report?.revision).toBe(2);
});

test.for([
  {
    name: 'a template that does not render',
    files: { 'chart/web/templates/bad.yaml': '{{ fail "colour must be a shade" }}' },
    reason: 'RenderFailed',
    says: 'colour must be a shade',
  },
  {
    name: 'a dependency that is not vendored',
    files: {
      'chart/web/Chart.yaml': `${chartYaml}dependencies: [{name: redis, version: 1.x, repository: "https://example.com"}]`,
    },
    reason: 'SourceInvalid',
    says: 'depends on redis',
  },
  {
    name: 'an object that the API refuses',
    files: {
      'chart/web/templates/bad.yaml':
        'apiVersion: v1\nkind: Service\nmetadata: {name: bad}\nspec: {ports: [{port: 99999}]}',
    },
    reason: 'ApplyRejected',
    says: '99999',
  },
  {
    name: 'a deployment that never gets ready',
    files: {
      'chart/web/templates/d.yaml':
        'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: slow}\nspec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: a, image: a}]}}}',
    },
    reason: 'InstallTimeout',
    says: 'slow',
  },
])('$name is reported as $reason', async ({ name, files, reason, says }) => {
  const pod = await aChartPod(files as Record<string, string>);
  await pod.order({
    targetNamespace: 'chart-bad',
    timeoutMs: reason === 'InstallTimeout' ? 10_000 : 120_000,
    install: chart(name.replaceAll(/[^a-z]+/g, '-')),
  });
  const { report, log } = await pod.start('run').ended;
  expect(report?.reason, log).toBe(reason);
  expect(report?.message).toContain(says);
});

test('a release left pending-install by a killed pod is taken up, and its install hooks run', async () => {
  const hook = `apiVersion: v1
kind: ConfigMap
metadata: {name: hooked, annotations: {"helm.sh/hook": post-install}}
`;
  const slow =
    'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: slow}\nspec: {replicas: 1, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: a, image: a}]}}}';
  const pod = await aChartPod({
    'chart/web/templates/slow.yaml': slow,
    'chart/web/templates/hook.yaml': hook,
  });
  await pod.order({ targetNamespace: 'chart-c', install: chart('stuck') });
  const running = pod.start('run');
  await expect
    .poll(async () => get('deployment', 'slow', 'chart-c').catch(() => undefined), { timeout: 60_000 })
    .toBeDefined();
  const children = await import('node:fs/promises').then(({ readFile }) =>
    readFile(`/proc/${running.pid}/task/${running.pid}/children`, 'utf8'),
  );
  running.kill('SIGKILL');
  for (const child of children.trim().split(' ')) process.kill(Number(child), 'SIGKILL');
  await running.ended;
  const status = [
    'get',
    'secret',
    '-n',
    'chart-c',
    '-l',
    'name=stuck',
    '-o',
    'jsonpath={.items[*].metadata.labels.status}',
  ];
  expect(await kubectl(status)).toBe('pending-install');

  await pod.order({ targetNamespace: 'chart-c', install: { ...chart('stuck'), wait: false } });
  const { log, report } = await pod.start('run').ended;
  expect(report, log).toMatchObject({ reason: 'Succeeded', revision: 2 });
  expect(log).toContain('waiting for pod-');
  expect(await kubectl(status)).toBe('superseded deployed');
  expect(await get('configmap', 'hooked', 'chart-c')).toBeDefined();
});

test('a first installation that failed twice is installed again, with its install hooks', async () => {
  const hook =
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: late, annotations: {"helm.sh/hook": post-install}}\n';
  const bad = 'apiVersion: v1\nkind: Service\nmetadata: {name: bad}\nspec: {ports: [{port: 99999}]}';
  const pod = await aChartPod({ 'chart/web/templates/hook.yaml': hook, 'chart/web/templates/bad.yaml': bad });
  await pod.order({ targetNamespace: 'chart-d', install: chart('twice') });
  expect((await pod.start('run').ended).report?.reason).toBe('ApplyRejected');
  expect((await pod.start('run').ended).report?.reason).toBe('ApplyRejected');
  await pod.sources({ 'chart/web/templates/bad.yaml': '' });
  const { log, report } = await pod.start('run').ended;
  expect(report, log).toMatchObject({ reason: 'Succeeded', revision: 3 });
  expect(await get('configmap', 'late', 'chart-d')).toBeDefined();
});
