import type { KubeEvent } from '#kube/event-recorder.ts';
import type { Job, Pod } from '#kube/resources.ts';

/** What keeps a pod from starting, for the status. */
export type Blockage = { reason: string; message: string };

/** How long a Job may be without a pod, and a pod without a running container, before anybody asks why. */
const PATIENCE_MS = { noPod: 4_000, notStarted: 7_000 } as const;

/** When to look for a blockage, in milliseconds from now (0: now); undefined when the pod has started. */
export function lookAfterMs(job: Job, newest: Pod | undefined, now: number): number | undefined {
  if (newest === undefined) {
    const since = Date.parse(job.status?.startTime ?? job.metadata.creationTimestamp ?? '');
    return Math.max(0, since + PATIENCE_MS.noPod - now);
  }
  const containers = statusesOf(newest);
  if (newest.status?.phase !== undefined && newest.status.phase !== 'Pending') return undefined;
  if (containers.some(({ state }) => state?.running || state?.terminated)) return undefined;
  if (containers.some(({ state }) => isBad(state?.waiting?.reason))) return 0;
  const since = Date.parse(newest.metadata.creationTimestamp ?? '');
  return Math.max(0, since + PATIENCE_MS.notStarted - now);
}

/** Why a Job has no pod, from the events about the Job. */
export function jobBlockage(events: readonly KubeEvent[]): Blockage | undefined {
  const event = newestWarning(events);
  if (!event?.message) return undefined;
  return { reason: creationReason(event.message, event.reason), message: event.message };
}

/** Why a pod has not started, from its own status and, where that is silent, the events about it. */
export function podBlockage(pod: Pod, events: readonly KubeEvent[]): Blockage | undefined {
  for (const { state } of statusesOf(pod)) {
    if (isBad(state?.waiting?.reason)) {
      const { reason = '', message } = state?.waiting ?? {};
      return { reason: reason === 'ErrImagePull' ? 'ImagePullBackOff' : reason, message: message ?? reason };
    }
  }
  const scheduled = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
  if (scheduled?.status === 'False') {
    return { reason: scheduled.reason ?? 'Unschedulable', message: scheduled.message ?? 'no node fits' };
  }
  const event = newestWarning(events);
  return event?.message ? { reason: event.reason ?? 'NotStarted', message: event.message } : undefined;
}

const statusesOf = (pod: Pod) => [
  ...(pod.status?.initContainerStatuses ?? []),
  ...(pod.status?.containerStatuses ?? []),
];

/** Waiting reasons that are part of any start. */
const isBad = (reason: string | undefined) =>
  reason !== undefined && reason !== 'ContainerCreating' && reason !== 'PodInitializing';

function newestWarning(events: readonly KubeEvent[]): KubeEvent | undefined {
  const time = (event: KubeEvent) =>
    Date.parse(event.lastTimestamp ?? event.metadata.creationTimestamp ?? '') || 0;
  return events
    .filter(({ type }) => type === 'Warning')
    .sort((a, b) => time(b) - time(a))
    .at(0);
}

/** The API server says only in words why it refused a pod. */
function creationReason(message: string, reason = 'FailedCreate'): string {
  if (/violates PodSecurity/.test(message)) return 'PodSecurityViolation';
  if (/exceeded quota|failed quota/.test(message)) return 'QuotaExceeded';
  if (/(maximum|minimum) .* usage per|limit to request ratio/.test(message)) return 'LimitRangeViolation';
  return reason;
}
