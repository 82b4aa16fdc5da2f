import { ANNOTATION } from '#api/contract/names.ts';
import type { Job, Pod } from '#kube/resources.ts';
import type { JobAct } from './act.ts';

/**
 * Whether a Job of a cluster is one of the plugin of this name. Not by namespace: a plugin of the cluster's own namespace
 * replaces the one of the catalogue.
 */
export const isJobOf = ({ metadata }: Job, { name }: { name: string }) =>
  metadata.annotations?.[ANNOTATION.plugin] === name;

export const isPodOf = (pod: Pod, job: Job) =>
  (pod.metadata.ownerReferences ?? []).some(({ uid }) => uid === job.metadata.uid);

export const isFinished = ({ status }: Job) =>
  (status?.conditions ?? []).some(
    ({ type, status: value }) => (type === 'Complete' || type === 'Failed') && value === 'True',
  );

/** The pods of these Jobs, oldest first. */
export const podsOf = (pods: readonly Pod[], jobs: readonly Job[]): Pod[] =>
  pods.filter((pod) => jobs.some((job) => isPodOf(pod, job))).sort((a, b) => createdAt(a) - createdAt(b));

export const createdAt = ({ metadata }: Job | Pod) => Date.parse(metadata.creationTimestamp ?? '');

/** The Job of the first of these names, or one under way for the same digest: a retry stamp does not restart what runs. */
export function currentJob(
  jobs: readonly Job[],
  {
    names,
    digest,
    hasFailed,
  }: { names: readonly string[]; digest: string; hasFailed: (job: Job) => boolean },
): Job | undefined {
  const named = names.map((name) => jobs.find(({ metadata }) => metadata.name === name));
  const isUnderWay = (job: Job) =>
    job.metadata.annotations?.[ANNOTATION.digest] === digest && !isFinished(job) && !hasFailed(job);
  return named.find((job) => job !== undefined) ?? jobs.find(isUnderWay);
}

/** Pods that the Job has started. */
export function attemptsOf({ status }: Job, ofJob: readonly Pod[]): number {
  return Math.max((status?.failed ?? 0) + (status?.active ?? 0) + (status?.succeeded ?? 0), ofJob.length);
}

/** Deletes all but what is current; without a current one the newest is kept, whose log people read. */
export function supersede(jobs: readonly Job[], current: Job | undefined): JobAct[] {
  const kept = current ?? [...jobs].sort((a, b) => createdAt(b) - createdAt(a))[0];
  return jobs
    .filter((job) => job !== kept && job.metadata.deletionTimestamp === undefined)
    .map((job): JobAct => ({ kind: 'delete', job, because: 'superseded' }));
}
