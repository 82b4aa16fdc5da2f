import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { get, kubectl } from '#test/kubectl.ts';
import { aConfigMapOf, createPod } from './pod.ts';

const install = { kind: 'yaml', source: { slot: 'yaml', path: '' } } as const;
const guard = (name: string) => `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: ${name}}
webhooks:
- name: guard.${name}.example
  admissionReviewVersions: [v1]
  sideEffects: None
  failurePolicy: Fail
  timeoutSeconds: 1
  clientConfig: {url: "https://127.0.0.1:1/"}
  namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ${name}}}
  objectSelector: {matchLabels: {guarded: "yes"}}
  rules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [configmaps]}]
`;
const guarded =
  'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: guarded, labels: {guarded: "yes"}}\ndata: {a: b}\n';
const podOf = (name: string, spec: string) =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\nspec: {${spec}, containers: [{name: a, image: a}]}\n`;

/** Runs an executor over these files in a namespace of its own. */
async function run(targetNamespace: string, files: Record<string, string>, timeoutMs = 120_000) {
  const pod = await createPod();
  await pod.sources(Object.fromEntries(Object.entries(files).map(([name, text]) => [`yaml/${name}`, text])));
  await pod.order({ targetNamespace, install, timeoutMs });
  return pod.start('run');
}

test('a webhook that refuses until it is up keeps nothing else from being applied, and is waited for', async () => {
  const namespace = 'rounds-late';
  const { ended } = await run(namespace, {
    '10-guard.yaml': guard(namespace),
    '20-guarded.yaml': guarded,
    '30-after.yaml': aConfigMapOf('after'),
  });
  await expect.poll(() => get('configmap', 'after', namespace), { timeout: 60_000 }).toBeDefined();
  await delay(2_000);
  // Its pod answers now.
  await kubectl(['delete', 'validatingwebhookconfiguration', namespace]);
  const { report } = await ended;
  expect(report).toMatchObject({ reason: 'Succeeded', message: '3 objects applied' });
  expect(await get('configmap', 'guarded', namespace)).toBeDefined();
});

test('what a webhook still refuses is named and may pass, and all else is there', async () => {
  const namespace = 'rounds-never';
  const { ended } = await run(namespace, {
    '10-guard.yaml': guard(namespace),
    '20-guarded.yaml': guarded,
    '30-after.yaml': aConfigMapOf('after'),
  });
  const { report, code } = await ended;
  await kubectl(['delete', 'validatingwebhookconfiguration', namespace]);
  expect(report?.reason).toBe('ApplyFailed');
  expect(report?.message).toMatch(/^ConfigMap guarded \(20-guarded.yaml\): .*failed calling webhook/);
  expect(code).toBe(31);
  expect(await get('configmap', 'after', namespace)).toBeDefined();
});

test('an attempt goes on when the webhook of its own bundle guards the inventory as well', async () => {
  const namespace = 'rounds-inventory';
  const all = guard(namespace).replace('  objectSelector: {matchLabels: {guarded: "yes"}}\n', '');
  const files = {
    '10-guard.yaml': all,
    '20-guarded.yaml': guarded,
    '30-service.yaml':
      'apiVersion: v1\nkind: Service\nmetadata: {name: guard}\nspec: {ports: [{port: 443}]}\n',
  };
  const first = await (await run(namespace, files)).ended;
  expect(first.report?.reason).toBe('ApplyFailed');
  expect(await get('service', 'guard', namespace)).toBeDefined();
  await kubectl(['delete', 'service', 'guard', '-n', namespace]);
  const second = await (await run(namespace, files)).ended;
  expect(second.report?.message).toContain('ConfigMap guarded');
  expect(await get('service', 'guard', namespace)).toBeDefined();
  await kubectl(['delete', 'validatingwebhookconfiguration', namespace]);
});

test.for([
  {
    name: 'a pod comes before the service account that it names',
    files: {
      'a.yaml': podOf('early', 'serviceAccountName: late'),
      'b.yaml': 'apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: late}\n',
    },
    there: ['pod', 'early'],
  },
  {
    name: 'a pod comes before the priority class that it names',
    files: {
      'a.yaml': podOf('early', 'priorityClassName: rounds-late'),
      'b.yaml':
        'apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {name: rounds-late}\nvalue: 5\n',
    },
    there: ['pod', 'early'],
  },
  {
    name: 'a pod comes before the runtime class that it names',
    files: {
      'a.yaml': podOf('early', 'runtimeClassName: rounds-late'),
      'b.yaml': 'apiVersion: node.k8s.io/v1\nkind: RuntimeClass\nmetadata: {name: rounds-late}\nhandler: a\n',
    },
    there: ['pod', 'early'],
  },
  {
    name: 'a resource comes before its definition, in one List',
    files: {
      'a.yaml': `apiVersion: v1
kind: List
items:
- {apiVersion: rounds.example.com/v1, kind: Wing, metadata: {name: left}}
- apiVersion: apiextensions.k8s.io/v1
  kind: CustomResourceDefinition
  metadata: {name: wings.rounds.example.com}
  spec:
    group: rounds.example.com
    names: {kind: Wing, plural: wings}
    scope: Namespaced
    versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
`,
    },
    there: ['wing', 'left'],
  },
  {
    name: 'an object comes before the namespace that it is in',
    files: {
      'a.yaml': aConfigMapOf('in').replace('{"name"', '{"namespace":"rounds-forward","name"'),
      'b.yaml': 'apiVersion: v1\nkind: Namespace\nmetadata: {name: rounds-forward}\n',
    },
    there: ['namespace', 'rounds-forward'],
  },
])('all of a bundle is applied at once when $name', async ({ files, there: [kind = '', object = ''] }) => {
  const namespace = `rounds-${kind}-${Math.random().toString(36).slice(2, 7)}`;
  const { report, log } = await (await run(namespace, files as Record<string, string>)).ended;
  expect(report, log).toMatchObject({ reason: 'Succeeded', message: '2 objects applied' });
  expect(await get(kind, object, namespace)).toBeDefined();
});

test('an object that is refused for good keeps nothing after it from being applied', async () => {
  const namespace = 'rounds-refused';
  const { report, code } = await (
    await run(namespace, {
      'a.yaml': 'apiVersion: v1\nkind: Service\nmetadata: {name: bad}\nspec: {ports: [{port: 99999}]}\n',
      'b.yaml': aConfigMapOf('after'),
    })
  ).ended;
  expect(report?.reason).toBe('ApplyRejected');
  expect(report?.message).toMatch(/^Service bad \(a.yaml\): .*99999/);
  expect(code).toBe(30);
  expect(await get('configmap', 'after', namespace)).toBeDefined();
});
