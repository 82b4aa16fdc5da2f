import type { Problem } from './problem.ts';

type Condition = { type: string; status: string; reason?: string; message?: string };
type ContainerStatus = {
  name: string;
  state?: { waiting?: { reason?: string; message?: string }; running?: object; terminated?: object };
  lastState?: { terminated?: { message?: string } };
};

/** The part of an Event that tells why something about its object failed. */
export type WarningEvent = {
  metadata: { creationTimestamp?: string | undefined };
  type?: string;
  reason?: string;
  message?: string;
  lastTimestamp?: string | undefined;
};

/** The part of a pod that tells how far its start is. */
export type StartingPod = {
  metadata: { creationTimestamp?: string };
  status?: {
    phase?: string;
    conditions?: Condition[];
    initContainerStatuses?: ContainerStatus[];
    containerStatuses?: ContainerStatus[];
  };
};

/** The part of a Job that tells how long it has been waiting for a pod. */
type StartingJob = { metadata: { creationTimestamp?: string }; status?: { startTime?: string } };

/** Why a pod does not start, for a status. */
export type Blockage = Problem;

/** How long a Job may have no pod, and a pod no running container, before this counts as unusual. */
const PATIENCE_MS = { noPod: 4_000, notStarted: 7_000 } as const;

/** In how many milliseconds (0: now) to look for a blockage; undefined when the pod has started. */
export function lookAfterMs(
  job: StartingJob,
  newest: StartingPod | undefined,
  now: number,
): number | undefined {
  if (newest === undefined) {
    const since = Date.parse(job.status?.startTime ?? job.metadata.creationTimestamp ?? '');
    return Math.max(0, since + PATIENCE_MS.noPod - now);
  }
  if (newest.status?.phase !== undefined && newest.status.phase !== 'Pending') return undefined;
  if (statusesOf(newest).some(({ state }) => state?.running || state?.terminated)) return undefined;
  if (waitingContainer(newest)) return 0;
  const since = Date.parse(newest.metadata.creationTimestamp ?? '');
  return Math.max(0, since + PATIENCE_MS.notStarted - now);
}

/** Why a Job has no pod, from the events about the Job. */
export function jobBlockage(events: readonly WarningEvent[]): Blockage | undefined {
  const event = newestWarning(events);
  if (!event?.message) return undefined;
  const reason = refusalReason(event.message) ?? event.reason ?? 'FailedCreate';
  return { reason, message: event.message };
}

/**
 * Why a pod has not started: a container that can't start, else no node that fits, else the newest warning among the
 * events about the pod.
 */
export function podBlockage(pod: StartingPod, events: readonly WarningEvent[]): Blockage | undefined {
  const container = waitingContainer(pod);
  if (container) return { reason: container.reason, message: container.message };
  const unscheduled = unscheduledProblem(pod);
  if (unscheduled) return unscheduled;
  const event = newestWarning(events);
  return event?.message ? { reason: event.reason ?? 'NotStarted', message: event.message } : undefined;
}

/** The first container, init containers included, that waits for a reason that is not part of every start. */
export function waitingContainer(pod: StartingPod): (Problem & { name: string }) | undefined {
  for (const { name, state, lastState } of statusesOf(pod)) {
    const { reason, message } = state?.waiting ?? {};
    if (reason === undefined || NORMAL_WAITS.has(reason)) continue;
    const lastWords = lastState?.terminated?.message?.trim().split('\n').at(-1);
    // The kubelet alternates between the two.
    return {
      name,
      reason: reason === 'ErrImagePull' ? 'ImagePullBackOff' : reason,
      message: lastWords
        ? `${message ?? reason}; its last words: ${lastWords.slice(-500)}`
        : (message ?? reason),
    };
  }
  return undefined;
}

/** Why the scheduler has found no node for the pod, if it has said so. */
export function unscheduledProblem(pod: StartingPod): Problem | undefined {
  const scheduled = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
  if (scheduled?.status !== 'False') return undefined;
  return { reason: scheduled.reason ?? 'Unschedulable', message: scheduled.message ?? 'no node fits' };
}

/** Why the API server refused to create a pod, as far as its message says: it has no reason of its own for these. */
export function refusalReason(
  message: string,
): 'PodSecurityViolation' | 'QuotaExceeded' | 'LimitRangeViolation' | 'AdmissionRefused' | undefined {
  if (/violates PodSecurity/.test(message)) return 'PodSecurityViolation';
  if (/exceeded quota|failed quota/.test(message)) return 'QuotaExceeded';
  if (/(maximum|minimum) .* usage per|limit to request ratio/.test(message)) return 'LimitRangeViolation';
  if (/ValidatingAdmissionPolicy .* denied request|admission webhook ".*" denied the request/.test(message)) {
    return 'AdmissionRefused';
  }
  return undefined;
}

const NORMAL_WAITS = new Set(['ContainerCreating', 'PodInitializing']);

const statusesOf = ({ status }: StartingPod) => [
  ...(status?.initContainerStatuses ?? []),
  ...(status?.containerStatuses ?? []),
];

/** The newest of the events that warns. */
export function newestWarning<E extends WarningEvent>(events: readonly E[]): E | undefined {
  const time = (event: WarningEvent) =>
    Date.parse(event.lastTimestamp ?? event.metadata.creationTimestamp ?? '') || 0;
  return events
    .filter(({ type }) => type === 'Warning')
    .sort((a, b) => time(b) - time(a))
    .at(0);
}
