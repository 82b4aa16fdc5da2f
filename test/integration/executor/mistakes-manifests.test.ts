import {
  aDeployment,
  aJob,
  anObject,
  type Mistake,
  objects,
  podTemplate,
  testMistakes,
  VARIABLE_TWICE,
} from './mistakes.ts';

const file = (...all: object[]) => ({ 'a.yaml': objects(...all) });
const map = (fields: Record<string, unknown>) => anObject('ConfigMap', fields);

/** What the API server refuses of manifests: the same answers as for a chart. */
testMistakes('yaml', [
  {
    name: 'a field that its kind does not have',
    files: file(aDeployment({ replicaz: 2 })),
    reason: 'ApplyRejected',
    says: /Deployment thing \(a\.yaml\): \.spec\.replicaz: field not declared in schema .*no such field: correct it/,
  },
  {
    name: 'a variable that is there twice',
    files: file(VARIABLE_TWICE),
    reason: 'ApplyRejected',
    says: /Deployment thing \(a\.yaml\): .*env: duplicate entries for key \[name="A"\].*twice/,
  },
  {
    name: 'a number where text belongs',
    files: file(map({ data: { port: 80 } })),
    reason: 'ApplyRejected',
    says: /ConfigMap thing \(a\.yaml\): \.data\.port: expected string, got 80/,
  },
  {
    name: 'a field that is required',
    files: file(aDeployment({ template: podTemplate({ image: '' }) })),
    reason: 'ApplyRejected',
    says: /containers\[0\]\.image: Required value/,
  },
  {
    name: 'a Job whose template changes',
    before: file(aJob()),
    files: file(aJob({ image: 'registry.invalid/main:2' })),
    reason: 'ApplyRejected',
    says: /Job thing \(a\.yaml\).*spec\.template: Invalid value: …: field is immutable .*delete that object in the target and retry/,
  },
  {
    name: 'a namespace that is not there',
    files: file(map({ metadata: { namespace: 'nowhere' } })),
    reason: 'ApplyFailed',
    says: /ConfigMap nowhere\/thing \(a\.yaml\): namespaces "nowhere" not found .*create the namespace nowhere/,
  },
  {
    name: 'a kind that nothing defines',
    files: file(anObject('Shade', {}, 'paint.example.com/v1')),
    reason: 'ApplyFailed',
    says: /no kind Shade of paint\.example\.com\/v1; first install the plugin .*dependsOn/,
  },
  {
    name: 'an API that Kubernetes no longer has',
    files: file(anObject('Deployment', {}, 'extensions/v1beta1')),
    reason: 'ApplyRejected',
    says: /this Kubernetes does not serve Deployment of extensions\/v1beta1/,
  },
  {
    name: 'a definition that contradicts itself',
    files: file(
      anObject(
        'CustomResourceDefinition',
        {
          spec: {
            group: 'paint.example.com',
            names: { kind: 'Shade', plural: 'shades' },
            scope: 'Namespaced',
            versions: [
              { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } },
            ],
          },
        },
        'apiextensions.k8s.io/v1',
        'tints.paint.example.com',
      ),
    ),
    reason: 'ApplyRejected',
    says: /CustomResourceDefinition tints\.paint\.example\.com .*metadata\.name.*must be spec\.names\.plural/,
  },
  {
    name: 'a quota that is used up',
    files: file(anObject('Service', { spec: { ports: [{ port: 80 }] } })),
    given: (namespace) => [
      anObject(
        'ResourceQuota',
        { metadata: { namespace }, spec: { hard: { services: '0' } } },
        'v1',
        'small',
      ),
    ],
    heldLater: true,
    reason: 'ApplyRejected',
    says: /exceeded quota: small.*make room in the target's ResourceQuota small/,
  },
  {
    name: 'an object that is too large',
    files: file(map({ data: { a: 'a'.repeat(1_200_000) } })),
    reason: 'ApplyRejected',
    says: /ConfigMap thing .*Too long.*1 MiB/,
  },
  {
    name: 'a policy of the target',
    files: file(map({ metadata: { labels: { mistake: 'forbidden' } } })),
    given: policy,
    heldLater: true,
    reason: 'ApplyRejected',
    says: /ConfigMap thing .*ValidatingAdmissionPolicy 'no-mistakes' .*denied request: labels of this kind are not ours.*a policy of the target refused it/,
  },
  {
    name: 'a webhook that nothing answers for',
    files: file(map({ metadata: { labels: { mistake: 'webhook' } } })),
    given: webhook,
    heldLater: true,
    reason: 'ApplyFailed',
    says: /failed calling webhook "checks\.mistakes\.example\.com".*webhook checks\.mistakes\.example\.com does not answer: look at the pods behind it/,
  },
] satisfies Mistake[]);

function policy(): object[] {
  const group = 'admissionregistration.k8s.io/v1';
  const resourceRules = [
    { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] },
  ];
  const objectSelector = { matchLabels: { mistake: 'forbidden' } };
  const validations = [{ expression: 'false', message: 'labels of this kind are not ours' }];
  const spec = { matchConstraints: { resourceRules, objectSelector }, validations };
  return [
    anObject('ValidatingAdmissionPolicy', { spec }, group, 'no-mistakes'),
    anObject(
      'ValidatingAdmissionPolicyBinding',
      { spec: { policyName: 'no-mistakes', validationActions: ['Deny'] } },
      group,
      'no-mistakes',
    ),
  ];
}

function webhook(): object[] {
  const rules = [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }];
  const check = {
    name: 'checks.mistakes.example.com',
    admissionReviewVersions: ['v1'],
    sideEffects: 'None',
    objectSelector: { matchLabels: { mistake: 'webhook' } },
    clientConfig: { url: 'https://127.0.0.1:9/check' },
    rules,
  };
  return [
    anObject(
      'ValidatingWebhookConfiguration',
      { webhooks: [check] },
      'admissionregistration.k8s.io/v1',
      'checks-mistakes',
    ),
  ];
}
