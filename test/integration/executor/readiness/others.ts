import { type Case, condition, meta, selector, template } from './case.ts';

const job = (spec: object = {}) => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  ...meta(),
  spec: { template: { spec: { ...template.spec, restartPolicy: 'Never' } }, ...spec },
});
const pod = { apiVersion: 'v1', kind: 'Pod', ...meta(), spec: template.spec };
const claim = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  ...meta(),
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } },
};
const start = '2026-01-01T00:00:00Z';
const container = (state: object) => [
  { name: 'a', image: 'a', imageID: '', ready: false, restartCount: 1, state },
];

/** Kubernetes's other kinds. */
export const OTHERS: Case[] = [
  { name: 'a Job that has not started', is: 'InProgress', object: job() },
  { name: 'a Job that runs', is: 'Ready', object: job(), status: { startTime: start, active: 1, ready: 0 } },
  {
    name: 'a Job that has succeeded',
    is: 'Ready',
    object: job(),
    status: {
      startTime: start,
      completionTime: start,
      succeeded: 1,
      uncountedTerminatedPods: {},
      conditions: [condition('SuccessCriteriaMet'), condition('Complete')],
    },
  },
  {
    name: 'a Job that has failed',
    is: 'Failed',
    object: job(),
    status: {
      startTime: start,
      failed: 1,
      uncountedTerminatedPods: {},
      conditions: [condition('FailureTarget'), condition('Failed')],
    },
  },
  { name: 'a Pod that is Pending', is: 'InProgress', object: pod },
  {
    name: 'a Pod that is Ready',
    is: 'Ready',
    object: pod,
    status: { phase: 'Running', conditions: [condition('Ready')] },
  },
  {
    name: 'a Pod that runs and is not Ready',
    is: 'InProgress',
    object: pod,
    status: { phase: 'Running', conditions: [condition('Ready', 'False')] },
  },
  {
    name: 'a Pod that crashes',
    is: 'Failed',
    object: pod,
    status: { phase: 'Running', containerStatuses: container({ waiting: { reason: 'CrashLoopBackOff' } }) },
  },
  { name: 'a Pod that has ended', is: 'Ready', object: pod, status: { phase: 'Succeeded' } },
  { name: 'a Pod that has failed', is: 'Ready', object: pod, status: { phase: 'Failed' } },
  { name: 'a claim that is Pending', is: 'InProgress', object: claim, status: { phase: 'Pending' } },
  { name: 'a claim that is Bound', is: 'Ready', object: claim, status: { phase: 'Bound' } },
  {
    name: 'a Service of type LoadBalancer without an address',
    is: 'Ready',
    object: {
      apiVersion: 'v1',
      kind: 'Service',
      ...meta(),
      spec: { type: 'LoadBalancer', ports: [{ port: 80 }] },
    },
  },
  {
    name: 'a budget that nobody has seen',
    is: 'Ready',
    object: { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', ...meta(), spec: { selector } },
  },
  {
    name: 'a budget of which another generation was seen',
    is: 'InProgress',
    object: { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', ...meta(), spec: { selector } },
    status: {
      observedGeneration: 9,
      disruptionsAllowed: 0,
      currentHealthy: 0,
      desiredHealthy: 0,
      expectedPods: 0,
    },
  },
  {
    name: 'an autoscaler, which has no generation',
    is: 'Ready',
    object: {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      ...meta(),
      spec: { maxReplicas: 2, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'a' } },
    },
    status: { observedGeneration: 9, desiredReplicas: 0, conditions: null, currentMetrics: null },
  },
  {
    name: 'an APIService that is not available',
    is: 'Ready',
    object: {
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: { name: 'v1.away.example.com' },
      spec: {
        group: 'away.example.com',
        version: 'v1',
        groupPriorityMinimum: 100,
        versionPriority: 100,
        insecureSkipTLSVerify: true,
        service: { name: 'a', namespace: 'away' },
      },
    },
  },
];
