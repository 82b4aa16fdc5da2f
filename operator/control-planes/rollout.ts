import type { ObjectMeta } from '#api/kinds/objects.ts';
import type { Problem } from '#api/problem.ts';
import { findCondition, isTrue } from '#kube/conditions.ts';
import { unscheduledProblem, waitingContainer } from '#kube/pod-start.ts';
import type { Pod } from '#kube/resources.ts';

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

/** Why a control plane does not answer yet, as far as its workloads and pods can tell. */
export function whyWaiting(workloads: readonly Workload[], pods: readonly Pod[]): Problem {
  for (const workload of workloads) {
    if (!isTrue(workload, 'ReplicaFailure')) continue;
    const why = findCondition(workload, 'ReplicaFailure')?.message ?? 'its pods cannot be created';
    return { reason: 'ControlPlaneBlocked', message: `${workload.metadata.name}: ${why}` };
  }
  for (const pod of pods) {
    const unscheduled = unscheduledProblem(pod);
    if (unscheduled) {
      const message = `pod ${pod.metadata.name} waits for a node: ${unscheduled.message}`;
      return { reason: 'ControlPlaneUnschedulable', message };
    }
    const container = waitingContainer(pod);
    if (container) {
      const { name, reason, message } = container;
      return {
        reason: 'ControlPlaneBlocked',
        message: `container ${name} in pod ${pod.metadata.name} does not start: ${reason}: ${message}`,
      };
    }
  }
  return {
    reason: 'ControlPlaneStarting',
    message: 'the control plane is starting; its API server does not answer yet',
  };
}
