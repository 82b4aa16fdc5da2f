import { EXECUTOR_CONTAINER } from '#api/contract/job.ts';
import { ANNOTATION } from '#api/contract/names.ts';
import type { InstallationRecord } from '#api/kinds/plugininstallation.ts';
import { ignoreStale } from '#kube/errors.ts';
import { type Job, type Pod, pods as podResource } from '#kube/resources.ts';
import { attemptOf } from './attempt.ts';
import { deleteJob } from './execute.ts';
import { isFinished, isPodOf } from './jobs.ts';

/** Time for the log to be read, and for a sidecar to end by itself, as some do. */
const PATIENCE_MS = 5_000;

/** What keeps a pod from ending: containers of others that run after the executor has ended. */
export type KeptPod = {
  pod: Pod;
  job: Job;
  containers: string[];
  /** The Job has done its work, so it goes with its pod: it would count the pod as failed and make another. */
  isDone: boolean;
  inMs: number;
};

/** Containers that Pinion did not add and that still run although the executor has ended. */
export function foreignContainers(pod: Pod): string[] {
  const { kind } = attemptOf(pod);
  if (kind !== 'succeeded' && kind !== 'failed') return [];
  return (pod.status?.containerStatuses ?? [])
    .filter(({ name, state }) => name !== EXECUTOR_CONTAINER && state?.running !== undefined)
    .map(({ name }) => name);
}

/**
 * The pods of these Jobs that containers of others keep running, and when each is to be ended. One that has succeeded
 * only once its result is recorded. Pure.
 */
export function keptPods(of: {
  jobs: readonly Job[];
  pods: readonly Pod[];
  installed: InstallationRecord | undefined;
  now: number;
}): KeptPod[] {
  const { jobs, pods, installed, now } = of;
  return pods.flatMap((pod) => {
    const job = jobs.find((one) => isPodOf(pod, one));
    const containers = foreignContainers(pod);
    if (job === undefined || containers.length === 0) return [];
    if (isFinished(job) || job.metadata.deletionTimestamp || pod.metadata.deletionTimestamp) return [];
    const attempt = attemptOf(pod);
    const isDone = attempt.kind === 'succeeded';
    const isRecorded = installed?.digest === job.metadata.annotations?.[ANNOTATION.digest];
    if (isDone && !isRecorded) return [];
    const endedAt = 'finishedAt' in attempt ? Date.parse(attempt.finishedAt ?? '') : Number.NaN;
    const inMs = Number.isNaN(endedAt) ? 0 : Math.max(0, endedAt + PATIENCE_MS - now);
    return [{ pod, job, containers, isDone, inMs }];
  });
}

/** Ends such a pod: with its Job when that is done, else alone, and the Job counts it and tries again. */
export async function endKeptPod(
  deps: Parameters<typeof deleteJob>[0],
  { pod, job, isDone }: KeptPod,
): Promise<void> {
  if (isDone) return deleteJob(deps, job);
  const { uid } = pod.metadata;
  await ignoreStale(deps.client.delete(podResource, pod.metadata, { preconditions: { uid } }));
}

/** Names the containers for people. */
export const shownContainers = (names: readonly string[]): string =>
  `container${names.length > 1 ? 's' : ''} ${names.join(', ')}, which Pinion did not add,`;
