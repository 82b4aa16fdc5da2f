import { expect, test } from 'vitest';
import { errorText } from '../../command/error-text.ts';
import { explainHelmError } from './errors.ts';

test.for([
  [
    'RenderFailed',
    'Error: template: web/templates/a.yaml:1:3: executing "a" at <fail "x">: error calling fail: x',
  ],
  [
    'RenderFailed',
    "Error: values don't meet the specifications of the schema(s) in the following chart(s):\nweb:\n- at '/a'",
  ],
  [
    'RenderFailed',
    'Error: unable to build kubernetes objects from release manifest: error parsing a: error converting YAML to JSON: yaml: line 2',
  ],
  [
    'RenderFailed',
    'Error: values don\'t meet the specifications of the schema(s) in the following chart(s):\nc:\nfailing loading "https://x/y.json": Get: proxyconnect tcp: dial tcp 127.0.0.1:9: connect: connection refused',
  ],
  ['RenderFailed', 'Error: chart requires kubeVersion: >=2 which is incompatible with Kubernetes v1.36.3'],
  [
    'ApplyRejected',
    'Error: INSTALLATION FAILED: Service "a" is invalid: spec.ports[0].port: Invalid value: 99999',
  ],
  ['ApplyRejected', 'Error: admission webhook "x" denied the request: no'],
  [
    'ApplyRejected',
    'Error: server-side apply failed for object a/x /v1, Kind=Service: failed to create typed patch object (a/x; /v1, Kind=Service): .spec.selctor: field not declared in schema',
  ],
  [
    'ApplyRejected',
    'Error: Unable to continue with install: ConfigMap "a" in namespace "b" exists and cannot be imported into the current release: invalid ownership metadata',
  ],
  ['ApplyRejected', 'Error: configmaps is forbidden: User "a" cannot list resource'],
  [
    'ApplyFailed',
    'Error: resource mapping not found for name: "a" namespace: "" from "": no matches for kind "A" in version "b/v1"',
  ],
  ['ApplyFailed', 'Error: Internal error occurred: failed calling webhook "a": dial tcp: connection refused'],
  [
    'TargetUnreachable',
    'Error: Kubernetes cluster unreachable: Get "https://10.0.0.1:6443/version": dial tcp 10.0.0.1:6443: connect: connection refused',
  ],
  [
    'TargetUnauthorized',
    'Error: Kubernetes cluster unreachable: the server has asked for the client to provide credentials',
  ],
  ['TargetUnauthorized', 'Error: UPGRADE FAILED: Unauthorized'],
  [
    'InstallTimeout',
    'Error: UPGRADE FAILED: resource Deployment/a/b not ready. status: InProgress\ncontext deadline exceeded',
  ],
  [
    'InstallTimeout',
    'Error: UPGRADE FAILED: resource StatefulSet/kafka/schema-registry not ready. status: InProgress\ncontext deadline exceeded',
  ],
  [
    'ApplyFailed',
    'Error: failed to create resource: Post "https://10.0.0.1:6443/api/v1/namespaces/kafka/services/schema-registry": read: connection reset by peer',
  ],
  ['ApplyFailed', 'Error: something unknown about Deployment/a/conflict-resolver'],
  [
    'ApplyRejected',
    'Error: UPGRADE FAILED: conflict occurred while applying object a/b /v1, Kind=ConfigMap: Apply failed with 1 conflict: conflict with "kubectl-patch" using v1: .data.colour',
  ],
  [
    'ApplyFailed',
    'Error: UPGRADE FAILED: Operation cannot be fulfilled on deployments.apps "a": the object has been modified; please apply your changes to the latest version and try again',
  ],
  [
    'ApplyFailed',
    'Error: configmaps "a" is forbidden: unable to create new content in namespace b because it is being terminated',
  ],
] as const)('%s: %s', ([reason, stderr]) => {
  expect(explainHelmError(`level=WARN msg="connection refused"\n${stderr}\n`).reason).toBe(reason);
});

test('an error is one line without log lines and prefixes', () => {
  expect(errorText('level=INFO msg=x\nError: UPGRADE FAILED: one\ntwo\n')).toBe('one two');
});
