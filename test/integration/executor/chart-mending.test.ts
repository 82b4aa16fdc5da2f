import { expect, test } from 'vitest';
import type { WorkOrder } from '#api/contract/work-order.ts';
import { apply, get, kubectl } from '#test/kubectl.ts';
import { aDeployment, aJob, anObject, CHART, objects } from './mistakes.ts';
import { createPod, type Pod } from './pod.ts';

async function aChartPod(namespace: string, method?: 'ServerSide' | 'ClientSide' | 'Auto'): Promise<Pod> {
  const pod = await createPod();
  const install: WorkOrder['install'] = {
    kind: 'chart',
    chart: { slot: 'chart', path: '' },
    releaseName: 'web',
    valuesFiles: [],
    wait: false,
    ...(method ? { apply: method } : {}),
  };
  await pod.sources({ 'chart/Chart.yaml': CHART });
  await pod.order({ targetNamespace: namespace, install });
  return pod;
}

const install = async (pod: Pod, files: Record<string, string>) => {
  await pod.sources(files);
  return pod.start('run').ended;
};
const template = (...all: object[]) => ({ 'chart/templates/a.yaml': objects(...all) });
const withUnknown = (colour: string) =>
  template(
    aDeployment({ replicas: 0, replicaz: 2 }),
    anObject('ConfigMap', { data: { colour } }, 'v1', 'map'),
  );

test('a chart that only client-side apply takes is installed with it, and upgraded with it at once', async () => {
  const pod = await aChartPod('mend-auto');
  const first = await install(pod, withUnknown('red'));
  expect(first.report?.reason, first.log).toBe('Succeeded');
  expect(first.report?.message).toContain('installed with client-side apply, revision 2');
  expect(first.log).toMatch(/unknown field \\?"spec\.replicaz/);
  const second = await install(pod, withUnknown('blue'));
  expect(second.report, second.log).toMatchObject({ reason: 'Succeeded', revision: 3 });
  const map = await get<{ data: unknown }>('configmap', 'map', 'mend-auto');
  expect(map?.data).toEqual({ colour: 'blue' });
});

test('a chart that begins to need client-side apply is upgraded with it', async () => {
  const pod = await aChartPod('mend-later', 'Auto');
  const deployment = template(aDeployment({ replicas: 0 }));
  expect((await install(pod, deployment)).report).toMatchObject({ reason: 'Succeeded', revision: 1 });
  const { report, log } = await install(pod, withUnknown('red'));
  expect(report, log).toMatchObject({ reason: 'Succeeded', revision: 3 });
});

test('a hook that only client-side apply takes is no obstacle', async () => {
  const pod = await aChartPod('mend-hook');
  const metadata = { annotations: { 'helm.sh/hook': 'pre-install' } };
  const hook = { ...anObject('ConfigMap', { metadata, datum: { a: 'b' } }, 'v1', 'hooked') };
  const { report, log } = await install(pod, template(hook));
  expect(report?.reason, log).toBe('Succeeded');
  expect(await get('configmap', 'hooked', 'mend-hook')).toBeDefined();
});

test('client-side apply is used where the plugin asks for it', async () => {
  const pod = await aChartPod('mend-client', 'ClientSide');
  const { report, log } = await install(pod, template(anObject('ConfigMap', {}, 'v1', 'map')));
  expect(report, log).toMatchObject({ reason: 'Succeeded', revision: 1 });
  expect(log).toContain('--server-side=false');
});

/** An object that the API server refuses: the installation fails when the Job is there already. */
const refused = anObject('Service', { spec: { ports: [{ port: 99999 }] } }, 'v1', 'zz');
const jobOf = (version: number) => aJob({ image: `registry.invalid/main:${version}` });

test('what a first installation left behind does not stand in the way of the corrected one', async () => {
  const pod = await aChartPod('mend-left');
  const failed = await install(pod, template(jobOf(1), refused));
  expect(failed.report?.reason, failed.log).toBe('ApplyRejected');
  expect(await get('job', 'thing', 'mend-left')).toBeDefined();
  const { report, log } = await install(pod, template(jobOf(2)));
  expect(report?.reason, log).toBe('Succeeded');
  expect(log).toContain('Job mend-left/thing is left of an installation that never worked, and is replaced');
  const job = await get<{ spec: { template: { spec: { containers: { image: string }[] } } } }>(
    'job',
    'thing',
    'mend-left',
  );
  expect(job?.spec.template.spec.containers[0]?.image).toBe('registry.invalid/main:2');
});

test('a claim that a first installation left behind is never deleted: the message says how', async () => {
  const pod = await aChartPod('mend-claim');
  const claim = (storageClassName: string) => {
    const resources = { requests: { storage: '1Gi' } };
    return anObject('PersistentVolumeClaim', {
      spec: { storageClassName, accessModes: ['ReadWriteOnce'], resources },
    });
  };
  await install(pod, template(claim('a'), { ...refused, kind: 'Service' }));
  const { report, log } = await install(pod, template(claim('b')));
  expect(report?.reason, log).toBe('ApplyRejected');
  expect(report?.message).toMatch(
    /PersistentVolumeClaim mend-claim\/thing: .*delete that object in the target/,
  );
  expect(await get('pvc', 'thing', 'mend-claim')).toBeDefined();
});

const definition = (plural: string, kind: string) =>
  objects(
    anObject(
      'CustomResourceDefinition',
      {
        spec: {
          group: 'mend.example.com',
          names: { kind, plural },
          scope: 'Namespaced',
          versions: [
            { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } },
          ],
        },
      },
      'apiextensions.k8s.io/v1',
      `${plural}.mend.example.com`,
    ),
  );
const sub = (name: string) => `apiVersion: v2\nname: ${name}\nversion: 1.0.0\n`;

test('definitions that a new version of a chart brings are created, and no others', async () => {
  const pod = await aChartPod('mend-crds');
  const there = JSON.parse(definition('knobs', 'Knob')) as { metadata: { labels?: object } };
  await apply({ ...there, metadata: { ...there.metadata, labels: { kept: 'yes' } } });
  const first = await install(pod, template(anObject('ConfigMap', {}, 'v1', 'map')));
  expect(first.report?.reason, first.log).toBe('Succeeded');
  const { report, log } = await install(pod, {
    'chart/Chart.yaml': `${CHART}dependencies: [{name: used, version: 1.0.0}, {name: unused, version: 1.0.0, condition: unused.enabled}]\n`,
    'chart/values.yaml': 'unused: {enabled: false}\n',
    'chart/crds/dials.yaml': `# Dials.\n${definition('dials', 'Dial')}`,
    'chart/crds/knobs.yaml': definition('knobs', 'Knob'),
    'chart/charts/used/Chart.yaml': sub('used'),
    'chart/charts/used/crds/levers.yaml': definition('levers', 'Lever'),
    'chart/charts/unused/Chart.yaml': sub('unused'),
    'chart/charts/unused/crds/wheels.yaml': definition('wheels', 'Wheel'),
    ...template(anObject('Dial', {}, 'mend.example.com/v1'), anObject('Lever', {}, 'mend.example.com/v1')),
  });
  expect(report, log).toMatchObject({ reason: 'Succeeded', revision: 2 });
  const names = await kubectl(['get', 'crd', '-o', 'name']);
  expect(names).toContain('dials.mend.example.com');
  expect(names).toContain('levers.mend.example.com');
  expect(names).not.toContain('wheels.mend.example.com');
  expect(
    await kubectl(['get', 'crd', 'knobs.mend.example.com', '-o', 'jsonpath={.metadata.labels.kept}']),
  ).toBe('yes');
});
