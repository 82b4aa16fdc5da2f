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

const template = (...all: object[]) => ({ 'templates/a.yaml': objects(...all) });
const map = (data: object) => anObject('ConfigMap', { data });
const claim = (storageClassName: string) =>
  anObject('PersistentVolumeClaim', {
    spec: { storageClassName, accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  });
const service = (clusterIP: string) => anObject('Service', { spec: { clusterIP, ports: [{ port: 80 }] } });
const binding = (role: string) =>
  anObject(
    'RoleBinding',
    { roleRef: { kind: 'Role', name: role, apiGroup: 'rbac.authorization.k8s.io' } },
    'rbac.authorization.k8s.io/v1',
  );
const set = (serviceName: string) =>
  anObject(
    'StatefulSet',
    { spec: { replicas: 0, serviceName, selector: { matchLabels: { app: 'a' } }, template: podTemplate() } },
    'apps/v1',
  );
const labels = (level: string) => (namespace: string) => [
  anObject(
    'Namespace',
    { metadata: { labels: { 'pod-security.kubernetes.io/enforce': level } } },
    'v1',
    namespace,
  ),
];
/** What the API server refuses of a chart. */
const REFUSED: Mistake[] = [
  {
    name: 'a field that its kind does not have',
    files: template(aDeployment({ replicaz: 2 })),
    apply: 'ServerSide',
    reason: 'ApplyRejected',
    says: /helm: Deployment \S+\/thing: \.spec\.replicaz: field not declared in schema; .*chart\.apply: ClientSide/,
  },
  {
    name: 'a variable that is there twice',
    files: template(VARIABLE_TWICE),
    apply: 'ServerSide',
    reason: 'ApplyRejected',
    says: /Deployment \S+\/thing: .*containers\[name="main"\]\.env: duplicate entries for key \[name="A"\]; .*twice/,
  },
  {
    name: 'a number where text belongs',
    files: template(map({ port: 80 })),
    reason: 'ApplyRejected',
    says: /ConfigMap \S+\/thing: \.data\.port: expected string, got 80; correct it/,
  },
  {
    name: 'a number where text belongs, applied client-side',
    files: template(map({ port: 80 })),
    apply: 'ClientSide',
    reason: 'ApplyRejected',
    says: /cannot unmarshal number.*ConfigMap\.data of type string; correct it/,
  },
  {
    name: 'text where a number belongs',
    files: template(aDeployment({ replicas: '2' })),
    reason: 'ApplyRejected',
    says: /Deployment \S+\/thing: \.spec\.replicas: expected numeric.*got string/,
  },
  {
    name: 'a selector that fits no pod',
    files: template(aDeployment({ selector: { matchLabels: { app: 'other' } } })),
    reason: 'ApplyRejected',
    says: /Deployment \S+\/thing: spec\.template\.metadata\.labels: Invalid value: \{"app":"a"\}: `selector` does not match/,
  },
  {
    name: 'a port that is none',
    files: template(anObject('Service', { spec: { ports: [{ port: 99999 }] } })),
    reason: 'ApplyRejected',
    says: /Service \S+\/thing: \[?spec\.ports\[0\]\.port: Invalid value: 99999: must be between 1 and 65535/,
  },
  {
    name: 'a name that is none',
    files: template(anObject('ConfigMap', {}, 'v1', 'Bad_Name')),
    reason: 'ApplyRejected',
    says: /ConfigMap \S+\/Bad_Name: metadata\.name: Invalid value: "Bad_Name".*correct it/,
  },
  {
    name: 'a quantity that is none',
    files: template(aDeployment({ template: podTemplate({ resources: { limits: { memory: '1x' } } }) })),
    reason: 'ApplyRejected',
    says: /quantities must match the regular expression/,
  },
  {
    name: 'a field that is required',
    files: template(aDeployment({ template: podTemplate({ image: '' }) })),
    reason: 'ApplyRejected',
    says: /Deployment \S+\/thing: spec\.template\.spec\.containers\[0\]\.image: Required value/,
  },
  {
    name: 'a value that is not one of those that are allowed',
    files: template(aDeployment({ template: podTemplate({ imagePullPolicy: 'Sometimes' }) })),
    reason: 'ApplyRejected',
    says: /imagePullPolicy: Unsupported value: "Sometimes": supported values: "Always"/,
  },
  {
    name: 'a kind that nothing defines',
    files: template(anObject('Shade', {}, 'paint.example.com/v1')),
    reason: 'ApplyFailed',
    says: /no matches for kind "Shade" in version "paint\.example\.com\/v1"; first install the plugin .*dependsOn/,
  },
  {
    name: 'an API that Kubernetes no longer has',
    files: template(anObject('Deployment', {}, 'extensions/v1beta1')),
    reason: 'ApplyRejected',
    says: /this Kubernetes does not serve Deployment of extensions\/v1beta1/,
  },
  {
    name: 'a namespace that is not there',
    files: template(anObject('ConfigMap', { metadata: { namespace: 'nowhere' } })),
    reason: 'ApplyFailed',
    says: /ConfigMap nowhere\/thing: namespaces "nowhere" not found; create the namespace nowhere/,
  },
  {
    name: 'an object that is too large',
    files: {
      'templates/a.yaml':
        'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: thing}\ndata: {a: {{ repeat 1200000 "a" }}}',
    },
    reason: 'ApplyRejected',
    says: /ConfigMap \S+\/thing: .*Too long.*1 MiB/,
  },
  {
    name: 'a chart that does not fit into a Secret',
    files: {
      ...template(map({})),
      'files/a.txt': Array.from({ length: 160_000 }, () => Math.random().toString(36)).join('\n'),
    },
    reason: 'ApplyRejected',
    says: /does not fit into a Secret.*\.helmignore/,
  },
  {
    name: 'an object that belongs to somebody else',
    files: template(map({ a: 'b' })),
    given: (namespace) => [anObject('ConfigMap', { metadata: { namespace } })],
    reason: 'ApplyRejected',
    says: /ConfigMap \S+\/thing .*was not made by this plugin.*takeOwnership/,
  },
  {
    name: 'a quota that is used up',
    files: template(anObject('Service', { spec: { ports: [{ port: 80 }] } })),
    given: (namespace) => [
      anObject(
        'ResourceQuota',
        { metadata: { namespace }, spec: { hard: { services: '0' } } },
        'v1',
        'small',
      ),
    ],
    reason: 'ApplyRejected',
    says: /exceeded quota: small.*make room in the target's ResourceQuota small/,
  },
  {
    name: 'a pod that its namespace does not permit',
    files: template(anObject('Pod', { spec: podTemplate({ securityContext: { privileged: true } }).spec })),
    given: labels('baseline'),
    reason: 'ApplyRejected',
    says: /violates PodSecurity "baseline:latest".*enforces the Pod Security level baseline/,
  },
];

/** Fields that a second version of a chart changes and that can't change. */
const IMMUTABLE: Mistake[] = [
  [
    'the template of a Job',
    aJob(),
    aJob({ image: 'registry.invalid/main:2' }),
    /Job \S+\/thing: spec\.template: Invalid value: …: field is immutable/,
  ],
  [
    'the selector of a Deployment',
    aDeployment(),
    aDeployment({ selector: { matchLabels: { app: 'b' } }, template: podTemplate({}, { app: 'b' }) }),
    /Deployment \S+\/thing: spec\.selector: .*field is immutable/,
  ],
  [
    'the service of a StatefulSet',
    set('a'),
    set('b'),
    /StatefulSet \S+\/thing: spec: Forbidden: updates to statefulset spec/,
  ],
  [
    'the type of a Secret',
    anObject('Secret', { type: 'example.com/a' }),
    anObject('Secret', { type: 'example.com/b' }),
    /Secret \S+\/thing: type: .*field is immutable/,
  ],
  [
    'the address of a Service',
    service('10.96.7.1'),
    service('10.96.7.2'),
    /Service \S+\/thing: .*may not change once set/,
  ],
  [
    'the role of a binding',
    binding('a'),
    binding('b'),
    /RoleBinding \S+\/thing: roleRef: .*cannot change roleRef/,
  ],
  [
    'the class of a claim',
    claim('a'),
    claim('b'),
    /PersistentVolumeClaim \S+\/thing: spec: Forbidden: spec is immutable/,
  ],
  [
    'a map that may not change',
    anObject('ConfigMap', { immutable: true, data: { a: '1' } }),
    anObject('ConfigMap', { immutable: true, data: { a: '2' } }),
    /ConfigMap \S+\/thing: data: Forbidden: field is immutable/,
  ],
].map(([name, before, after, says]) => ({
  name: String(name),
  before: template(before as object),
  files: template(after as object),
  reason: 'ApplyRejected' as const,
  says: new RegExp(
    `${(says as RegExp).source}[\\s\\S]*delete that object in the target and retry the plugin`,
  ),
  wait: false,
}));

testMistakes('chart', [...REFUSED, ...IMMUTABLE]);
