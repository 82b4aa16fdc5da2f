import { ANNOTATION } from '#api/contract/names.ts';
import type { VirtualClusterPlugin } from '#api/kinds/objects.ts';
import type { Job, Pod } from '#kube/resources.ts';
import type { PluginAct } from './act.ts';

export const isJobOf = (job: Job, { metadata }: VirtualClusterPlugin) =>
  job.metadata.namespace === metadata.namespace &&
  job.metadata.annotations?.[ANNOTATION.plugin] === metadata.name;

export const isPodOf = (pod: Pod, job: Job) =>
  (pod.metadata.ownerReferences ?? []).some(({ uid }) => uid === job.metadata.uid);

export const isFinished = ({ status }: Job) =>
  (status?.conditions ?? []).some(
    ({ type, status: value }) => (type === 'Complete' || type === 'Failed') && value === 'True',
  );

export const createdAt = ({ metadata }: Job | Pod) => Date.parse(metadata.creationTimestamp ?? '');

/** The Job of this name, or one under way for the same digest: a retry stamp does not restart what runs. */
export function currentJob(
  jobs: readonly Job[],
  { name, digest, hasFailed }: { name: string; digest: string; hasFailed: (job: Job) => boolean },
): Job | undefined {
  const isUnderWay = (job: Job) =>
    job.metadata.annotations?.[ANNOTATION.digest] === digest && !isFinished(job) && !hasFailed(job);
  return jobs.find(({ metadata }) => metadata.name === name) ?? jobs.find(isUnderWay);
}

/** Whether another content was let run since `job` of `digest`: what is recorded may no longer be what is there. */
export const isStartedAfter = (job: Job | undefined, digest: string) => (other: Job) =>
  other.spec.suspend !== true &&
  other.metadata.annotations?.[ANNOTATION.digest] !== digest &&
  (job === undefined || createdAt(other) > createdAt(job));

/** Pods that the Job has started. */
export function attemptsOf({ status }: Job, ofJob: readonly Pod[]): number {
  return Math.max((status?.failed ?? 0) + (status?.active ?? 0) + (status?.succeeded ?? 0), ofJob.length);
}

/** Deletes all but what is current; without a current one the newest is kept, whose log people read. */
export function supersede(jobs: readonly Job[], current: Job | undefined): PluginAct[] {
  const kept = current ?? [...jobs].sort((a, b) => createdAt(b) - createdAt(a))[0];
  return jobs
    .filter((job) => job !== kept && job.metadata.deletionTimestamp === undefined)
    .map((job): PluginAct => ({ kind: 'delete', job, because: 'superseded' }));
}
