import type { ObjectMeta } from '#api/kinds/objects.ts';
import type { Problem } from '#api/problem.ts';
import type { Pod } from '#operator/host/objects.ts';

/** The fields of a Deployment or StatefulSet that are read. */
export type Workload = {
  metadata: Pick<ObjectMeta, 'name' | 'generation'>;
  spec?: { replicas?: number };
  status?: {
    observedGeneration?: number;
    replicas?: number;
    updatedReplicas?: number;
    availableReplicas?: number;
    conditions?: { type: string; status: string; message?: string }[];
  };
};

/** The first rollout that is not complete. The first generation of a workload is no rollout. */
export function rolloutOf(workloads: readonly Workload[]): Problem | undefined {
  for (const { metadata, spec, status = {} } of workloads) {
    const { generation = 1 } = metadata;
    if (generation === 1) continue;
    const wanted = spec?.replicas ?? 1;
    const { observedGeneration = 0, replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status;
    const isDone =
      observedGeneration >= generation &&
      updatedReplicas >= wanted &&
      replicas === wanted &&
      availableReplicas >= wanted;
    if (isDone) continue;
    return {
      reason: 'ControlPlaneUpdating',
      message: `${metadata.name}: ${Math.min(updatedReplicas, availableReplicas)} of ${wanted} replicas are up to date`,
    };
  }
  return undefined;
}

const BAD_WAITS =
  /^(ErrImagePull|ImagePullBackOff|InvalidImageName|CreateContainer.*Error|CrashLoopBackOff|RunContainerError)$/;

/** Why a control plane does not answer yet, as far as its workloads and pods can tell. */
export function whyWaiting(workloads: readonly Workload[], pods: readonly Pod[]): Problem {
  for (const { metadata, status } of workloads) {
    const failure = status?.conditions?.find((one) => one.type === 'ReplicaFailure' && one.status === 'True');
    if (failure) return { reason: 'ControlPlaneBlocked', message: `${metadata.name}: ${failure.message}` };
  }
  for (const { metadata, status } of pods) {
    const unscheduled = status?.conditions?.find(
      (one) => one.type === 'PodScheduled' && one.status === 'False',
    );
    if (unscheduled) {
      const message = `pod ${metadata.name} waits for a node: ${unscheduled.message ?? ''}`;
      return { reason: 'ControlPlaneUnschedulable', message };
    }
    for (const { name, state } of status?.containerStatuses ?? []) {
      const { reason = '', message = '' } = state?.waiting ?? {};
      if (!BAD_WAITS.test(reason)) continue;
      return {
        reason: 'ControlPlaneBlocked',
        message: `${name} in pod ${metadata.name} does not start: ${reason}: ${message}`,
      };
    }
  }
  return {
    reason: 'ControlPlaneStarting',
    message: 'the control plane is starting; its API server does not answer yet',
  };
}
