import { type StartingPod, unscheduledProblem, waitingContainer } from '#api/pod-start.ts';

type Ended = { exitCode: number; reason?: string; signal?: number };
type Container = {
  name: string;
  ready?: boolean;
  restartCount?: number;
  state?: { waiting?: { reason?: string; message?: string }; running?: object; terminated?: Ended };
  lastState?: { terminated?: Ended };
};

/** A pod of something that is not ready. */
export type BrokenPod = Omit<StartingPod, 'metadata' | 'status'> & {
  metadata: { name: string; uid?: string; creationTimestamp?: string; deletionTimestamp?: string };
  status?: NonNullable<StartingPod['status']> & {
    initContainerStatuses?: Container[];
    containerStatuses?: Container[];
  };
};

/** The pod that tells most: one whose own status says what is wrong, else the newest one that is not Ready. */
export function brokenPod(pods: readonly BrokenPod[]): BrokenPod | undefined {
  const unready = pods
    .filter(({ metadata }) => !metadata.deletionTimestamp)
    .filter(
      ({ status }) => !status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'),
    )
    .filter(({ status }) => status?.phase !== 'Succeeded')
    .toSorted((a, b) => createdAt(b).localeCompare(createdAt(a)));
  return unready.find((pod) => troubleOf(pod) !== undefined) ?? unready[0];
}

const createdAt = ({ metadata }: BrokenPod) => metadata.creationTimestamp ?? '';

/** What the status of a pod says is wrong with it: a container that can't start or has ended, or no node that fits. */
export function troubleOf(pod: BrokenPod): string | undefined {
  const containers = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  const waiting = waitingContainer(pod);
  if (waiting) {
    const ended = containers.find(({ name }) => name === waiting.name)?.lastState?.terminated;
    const { name, reason, message } = waiting;
    return `container ${name} is in ${reason}${ended ? `, ${exit(ended)}` : `: ${message}`}`;
  }
  for (const { name, state, lastState, ready } of containers) {
    const ended = state?.terminated ?? (ready ? undefined : lastState?.terminated);
    if (ended && ended.exitCode !== 0) return `container ${name} ended, ${exit(ended)}`;
  }
  const unscheduled = unscheduledProblem(pod);
  return unscheduled && `${unscheduled.reason}: ${unscheduled.message}`;
}

const exit = ({ exitCode, reason }: Ended) =>
  `last exit code ${exitCode}${reason && reason !== 'Error' ? ` (${reason})` : ''}`;
