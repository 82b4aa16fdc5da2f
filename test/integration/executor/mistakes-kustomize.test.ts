import { anObject, type Mistake, objects, testMistakes } from './mistakes.ts';

const map = { 'm.yaml': objects(anObject('ConfigMap', { data: { a: 'b' } })) };
const kustomization = (text: string, files: Record<string, string> = map) => ({
  'kustomization.yaml': text,
  ...files,
});

/** What kustomize refuses, or Pinion before it: once, with the file. */
testMistakes('kustomize', [
  {
    name: 'a resource that is not there',
    files: kustomization('resources: [gone.yaml]'),
    reason: 'SourceInvalid',
    says: /kustomization\.yaml: resources names "gone\.yaml", which is not in the source/,
  },
  {
    name: 'a kustomization that is no YAML',
    files: kustomization('resources: [m.yaml'),
    reason: 'SourceInvalid',
    says: /kustomization\.yaml is not YAML/,
  },
  {
    name: 'a field that kustomize does not have',
    files: kustomization('resources: [m.yaml]\nnamePrefixx: a-'),
    reason: 'RenderFailed',
    says: /unknown field "namePrefixx"/,
  },
  {
    name: 'one object twice',
    files: kustomization('resources: [m.yaml, n.yaml]', { ...map, 'n.yaml': map['m.yaml'] }),
    reason: 'RenderFailed',
    says: /ConfigMap.*already registered id|may not add resource/,
  },
  {
    name: 'a patch of what is not there',
    files: kustomization(
      'resources: [m.yaml]\npatches: [{patch: "{apiVersion: v1, kind: Secret, metadata: {name: other}}"}]',
    ),
    reason: 'RenderFailed',
    says: /no matches for Id Secret/,
  },
  {
    name: 'a JSON patch of a field that is not there',
    files: kustomization(
      'resources: [m.yaml]\npatches: [{target: {kind: ConfigMap}, patch: "[{op: remove, path: /data/gone}]"}]',
    ),
    reason: 'RenderFailed',
    says: /gone/,
  },
  {
    name: 'a replacement without its source',
    files: kustomization(
      'resources: [m.yaml]\nreplacements: [{source: {kind: Secret, name: gone}, targets: [{select: {kind: ConfigMap}, fieldPaths: [data.a]}]}]',
    ),
    reason: 'RenderFailed',
    says: /nothing selected by Secret.*gone/,
  },
  {
    name: 'a replacement of a field that is not there',
    files: kustomization(
      'resources: [m.yaml]\nreplacements: [{source: {kind: ConfigMap, name: thing, fieldPath: data.a}, targets: [{select: {kind: ConfigMap}, fieldPaths: [data.gone]}]}]',
    ),
    reason: 'RenderFailed',
    says: /data\.gone/,
  },
  {
    name: 'a resource without a kind',
    files: kustomization('resources: [m.yaml]', { 'm.yaml': 'apiVersion: v1\nmetadata: {name: a}\n' }),
    reason: 'RenderFailed',
    says: /m\.yaml.*kind|missing.*kind/i,
  },
  {
    name: 'a resource that is no YAML',
    files: kustomization('resources: [m.yaml]', {
      'm.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a\n',
    }),
    reason: 'RenderFailed',
    says: /m\.yaml/,
  },
  {
    name: 'a kustomization that contains itself',
    files: kustomization('resources: [inner]', { 'inner/kustomization.yaml': 'resources: [../]' }),
    reason: 'RenderFailed',
    says: /cycle/,
  },
  {
    name: 'an API that kustomize does not know',
    files: kustomization('apiVersion: kustomize.config.k8s.io/v9\nkind: Kustomization\nresources: [m.yaml]'),
    reason: 'RenderFailed',
    says: /apiVersion .*should be kustomize\.config\.k8s\.io\/v1beta1/,
  },
  {
    name: 'what it builds and the target refuses',
    files: kustomization('resources: [m.yaml]', {
      'm.yaml': objects(anObject('Service', { spec: { ports: [{ port: 99999 }] } })),
    }),
    reason: 'ApplyRejected',
    says: /Service thing \(kustomize build\).*spec\.ports\[0\]\.port: Invalid value: 99999/,
  },
] satisfies Mistake[]);
