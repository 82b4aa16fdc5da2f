import { ANNOTATION, EXECUTOR_COMPONENT, LABEL } from '#api/contract/names.ts';

/** Stands for the webhook: what the operator waits for on its Jobs. */
export const injectionPolicy = [
  {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingAdmissionPolicy',
    metadata: { name: 'test-injection' },
    spec: {
      matchConstraints: {
        resourceRules: [
          { apiGroups: ['batch'], apiVersions: ['v1'], resources: ['jobs'], operations: ['CREATE'] },
        ],
      },
      matchConditions: [
        {
          name: 'ours',
          expression: `object.metadata.?labels[?'${LABEL.component}'].orValue('') == '${EXECUTOR_COMPONENT}'`,
        },
        { name: 'injected', expression: "!object.metadata.namespace.startsWith('op-no-webhook')" },
      ],
      failurePolicy: 'Fail',
      reinvocationPolicy: 'Never',
      mutations: [
        {
          patchType: 'JSONPatch',
          jsonPatch: {
            expression: `[JSONPatch{op: 'add', path: '/metadata/annotations/' + jsonpatch.escapeKey('${ANNOTATION.injectedGeneration}'), value: object.metadata.annotations['${ANNOTATION.pluginGeneration}']}]`,
          },
        },
      ],
    },
  },
  {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingAdmissionPolicyBinding',
    metadata: { name: 'test-injection' },
    spec: { policyName: 'test-injection' },
  },
];
