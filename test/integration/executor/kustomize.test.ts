import { expect, test } from 'vitest';
import { get } from '#test/kubectl.ts';
import { aConfigMapOf, createPod } from './pod.ts';

const order = (path: string) => ({
  targetNamespace: 'kustomized',
  install: { kind: 'kustomize' as const, source: { slot: 'kustomize' as const, path } },
});

test('an overlay with a base beside it is built and applied', async () => {
  const pod = await createPod();
  await pod.sources({
    'kustomize/app/base/kustomization.yaml':
      'resources: [map.yaml]\nsecretGenerator: [{name: s, literals: [a=canary-77]}]',
    'kustomize/app/base/map.yaml': aConfigMapOf('mapped'),
    'kustomize/app/overlays/blue/kustomization.yaml':
      'resources: [../../base]\nnamePrefix: blue-\nlabels: [{pairs: {colour: blue}}]',
  });
  await pod.order(order('app/overlays/blue'));
  const { report, log } = await pod.start('run').ended;
  expect(report, log).toMatchObject({ reason: 'Succeeded' });
  expect(log).not.toContain('canary-77');
  const map = await get<{ metadata: { labels: unknown } }>('configmap', 'blue-mapped', 'kustomized');
  expect(map?.metadata.labels).toEqual({ colour: 'blue' });
});

test('a kustomization alone in its archive directory is found', async () => {
  const pod = await createPod();
  await pod.sources({
    'kustomize/app-1.0/kustomization.yaml': 'resources: [map.yaml]',
    'kustomize/app-1.0/map.yaml': aConfigMapOf('alone'),
  });
  await pod.order(order(''));
  expect((await pod.start('run').ended).report?.reason).toBe('Succeeded');
});

test("a cluster's options are a source of replacements, and not installed themselves", async () => {
  const pod = await createPod();
  await pod.sources({
    'kustomize/kustomization.yaml': `
namePrefix: far-
namespace: kustomized
resources: [map.yaml, plugin-options.yaml]
replacements:
- source: {kind: ConfigMap, name: plugin-options, fieldPath: data.region}
  targets: [{select: {kind: ConfigMap, name: optional}, fieldPaths: [data.where], options: {create: true}}]
- source: {kind: ConfigMap, name: plugin-options, fieldPath: data.size}
  targets: [{select: {kind: ConfigMap, name: optional}, fieldPaths: [data.size], options: {create: true}}]`,
    'kustomize/plugin-options.yaml': `
apiVersion: v1
kind: ConfigMap
metadata: {name: plugin-options, annotations: {config.kubernetes.io/local-config: "true"}}
data: {region: south, size: large}`,
    'kustomize/map.yaml': aConfigMapOf('optional'),
  });
  await pod.order({ ...order(''), options: { region: 'north', 'other.name': '1' } });
  const { report, log } = await pod.start('run').ended;
  expect(report, log).toMatchObject({
    reason: 'Succeeded',
    message: expect.stringMatching(/^1 objects applied/),
  });
  const map = await get<{ data: unknown }>('configmap', 'far-optional', 'kustomized');
  expect(map?.data).toMatchObject({ where: 'north', size: 'large' });
});

test.for<[string, string, string, string]>([
  ['a remote base', 'resources: ["https://example.com/a.yaml"]', 'SourceInvalid', "can't fetch"],
  [
    'a file outside of its directory',
    'configMapGenerator: [{name: a, files: [../x]}]',
    'RenderFailed',
    'security',
  ],
  [
    'a patch that fits nothing',
    'resources: [m.yaml]\npatches: [{target: {kind: Pod, name: other}, patch: "- {op: remove, path: /a}"}, {patch: "{kind: Pod, apiVersion: v1, metadata: {name: x}}"}]',
    'RenderFailed',
    'no matches',
  ],
])('%s is refused', async ([, kustomization, reason, says]) => {
  const pod = await createPod();
  await pod.sources({
    'kustomize/x': 'x',
    'kustomize/app/m.yaml': aConfigMapOf('m'),
    'kustomize/app/kustomization.yaml': kustomization,
  });
  await pod.order(order('app'));
  const { report } = await pod.start('run').ended;
  expect(report?.reason).toBe(reason);
  expect(report?.message).toContain(says);
});
