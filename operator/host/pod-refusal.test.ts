import { expect, test } from 'vitest';
import { podRefusal } from './pod-refusal.ts';

const quota = (demand: string) => `pods "p" is forbidden: failed quota: team: must specify ${demand}`;

test.for([
  [
    'executor',
    quota('limits.cpu for: executor'),
    'QuotaExceeded',
    "a quota of namespace team-a counts limits.cpu, which executor pods don't set; create a LimitRange with defaults there, or set executor.resources.limits.cpu in ConfigMap pinion-system/pinion-pod-settings",
  ],
  [
    'controlPlane',
    quota('limits.cpu for: etcd; limits.memory for: etcd'),
    'QuotaExceeded',
    'set controlPlane.resources.limits.cpu, controlPlane.resources.limits.memory in',
  ],
  // The form of older API servers.
  ['executor', quota('cpu,limits.cpu'), 'QuotaExceeded', 'counts cpu, limits.cpu, which'],
  [
    'executor',
    quota('cpu,limits.cpu'),
    'QuotaExceeded',
    'set executor.resources.requests.cpu, executor.resources.limits.cpu',
  ],
  [
    'worker',
    quota('limits.ephemeral-storage for: node'),
    'QuotaExceeded',
    'set worker.resources.limits.ephemeral-storage in',
  ],
  [
    'worker',
    'pods "p" is forbidden: exceeded quota: team, requested: limits.cpu=2, used: limits.cpu=3, limited: limits.cpu=4',
    'QuotaExceeded',
    'a quota of namespace team-a has no room for worker pods; raise it, or request less',
  ],
  [
    'controlPlane',
    'create Claim data-shop-etcd-0 failed error: persistentvolumeclaims "d" is forbidden: exceeded quota: team, requested: requests.storage=1Gi',
    'QuotaExceeded',
    'has no room for control plane pods',
  ],
  [
    'executor',
    'pods "p" is forbidden: minimum cpu usage per Container is 50m, but request is 10m',
    'LimitRangeViolation',
    'change it, or set executor.resources in',
  ],
  [
    'worker',
    'pods "p" is forbidden: violates PodSecurity "baseline:latest": privileged',
    'PodSecurityViolation',
    'kubectl label namespace team-a --overwrite pod-security.kubernetes.io/enforce=privileged',
  ],
  [
    'controlPlane',
    `pods "p" is forbidden: ValidatingAdmissionPolicy 'team' with binding 'team' denied request: label team is missing`,
    'AdmissionRefused',
    'an admission policy refuses control plane pods; set the labels',
  ],
  [
    'executor',
    'admission webhook "policy.example.com" denied the request: no limits',
    'AdmissionRefused',
    'set the labels, annotations or resources that it demands',
  ],
] as const)('podRefusal says for %s pods what mends "%s"', ([group, found, reason, remedy]) => {
  const problem = podRefusal({ found, namespace: 'team-a', group });
  expect(problem).toEqual({ reason, message: expect.stringContaining(remedy) });
  expect(problem?.message).toContain(`(${found})`);
});

test('podRefusal leaves other messages alone', () => {
  expect(podRefusal({ found: 'connection refused', namespace: 'a', group: 'worker' })).toBeUndefined();
});
