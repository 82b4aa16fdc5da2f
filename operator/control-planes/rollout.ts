import type { ObjectMeta } from '#api/kinds/objects.ts';
import { unscheduledProblem, waitingContainer } from '#api/pod-start.ts';
import type { Problem } from '#api/problem.ts';
import { findCondition, isTrue } from '#kube/conditions.ts';
import type { Pod } from '#kube/resources.ts';
import { podRefusal } from '#operator/host/pod-refusal.ts';

/** The fields of a Deployment or StatefulSet that are read. */
export type Workload = {
  metadata: Pick<ObjectMeta, 'name' | 'namespace' | 'uid' | 'generation' | 'labels'>;
  spec?: { replicas?: number };
  status?: {
    observedGeneration?: number;
    replicas?: number;
    updatedReplicas?: number;
    availableReplicas?: number;
    updateRevision?: string;
    conditions?: { type: string; status: string; message?: string }[];
  };
};

/** Why pods could not be created, by the name of the workload. */
type Failures = ReadonlyMap<string, string>;
const NO_FAILURES: Failures = new Map();

/** The first rollout that is not complete. The first generation of a workload is no rollout. */
export function rolloutOf(workloads: readonly Workload[]): Problem | undefined {
  for (const workload of workloads) {
    const { metadata, spec, status = {} } = workload;
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
    const refused = refusedPods([workload], NO_FAILURES);
    if (refused) return refused;
    return {
      reason: 'ControlPlaneUpdating',
      message: `${metadata.name}: ${Math.min(updatedReplicas, availableReplicas)} of ${wanted} replicas are up to date`,
    };
  }
  return undefined;
}

/** Why the pods of a workload can't be created. `failures`: messages about workloads without a condition of it. */
function refusedPods(workloads: readonly Workload[], failures: Failures): Problem | undefined {
  for (const workload of workloads) {
    const { namespace, name } = workload.metadata;
    const failed = isTrue(workload, 'ReplicaFailure') && findCondition(workload, 'ReplicaFailure');
    const found = failed ? (failed.message ?? 'its pods cannot be created') : failures.get(name);
    if (found === undefined) continue;
    const message = podRefusal({ found, namespace, group: 'controlPlane' })?.message ?? found;
    return { reason: 'ControlPlaneBlocked', message: `${name}: ${message}` };
  }
  return undefined;
}

/** Why a control plane does not answer yet, as far as its workloads and pods can tell. */
export function whyWaiting(
  workloads: readonly Workload[],
  pods: readonly Pod[],
  failures: Failures = NO_FAILURES,
): Problem {
  const refused = refusedPods(workloads, failures);
  if (refused) return refused;
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
