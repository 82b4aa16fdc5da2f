import { EXECUTOR_CONTAINER, FETCH_CONTAINER } from '#api/contract/job.ts';
import { parseTerminationMessage, type Report, TERMINAL_EXIT_CODES } from '#api/contract/report.ts';
import { isTrue } from '#kube/conditions.ts';
import type { ContainerStatus, Pod, Terminated } from '#kube/resources.ts';
import { outOfMemory } from './out-of-memory.ts';

/** How one attempt (one pod) stands. A pod whose executor has reported is believed before its phase says so. */
export type Attempt =
  | { kind: 'starting' }
  | { kind: 'running'; step: 'fetch' | 'install' }
  | { kind: 'succeeded'; report?: Report | undefined; finishedAt?: string | undefined }
  | {
      kind: 'failed';
      /** The Job's podFailurePolicy ends the Job: another pod would fail likewise. */
      final: boolean;
      /** It may work later with nothing but another Job. */
      mayPass: boolean;
      /** The Job's podFailurePolicy doesn't count it: the pod was evicted, or its node is gone. */
      disrupted: boolean;
      reason: string;
      message: string;
      finishedAt?: string | undefined;
    };

const MESSAGE_LIMIT = 1024;

export function attemptOf(pod: Pod): Attempt {
  const fetch = stateOf(pod.status?.initContainerStatuses, FETCH_CONTAINER);
  const executor = stateOf(pod.status?.containerStatuses, EXECUTOR_CONTAINER);
  const ended = executor?.terminated ?? (fetch?.terminated?.exitCode ? fetch.terminated : undefined);
  const container = executor?.terminated ? EXECUTOR_CONTAINER : FETCH_CONTAINER;
  if (ended) return endOf(container, ended, isTrue(pod, 'DisruptionTarget'));
  switch (pod.status?.phase) {
    case 'Succeeded':
      return { kind: 'succeeded' };
    case 'Failed':
      return {
        kind: 'failed',
        final: false,
        mayPass: true,
        disrupted: isTrue(pod, 'DisruptionTarget'),
        reason: pod.status.reason ?? 'PodFailed',
        message: pod.status.message ?? 'the pod ended without a report',
      };
    case 'Pending':
    case 'Running':
    case 'Unknown':
    case undefined:
      return underWay(fetch, executor);
  }
}

/** Reasons that say more of the credentials, or of the pod, than the exit code does. */
const MAY_PASS: Readonly<Record<string, boolean>> = {
  // The next Job gets the newest credentials.
  TargetUnauthorized: true,
  // Every pod of the plugin has the same limit.
  OOMKilled: false,
};

function endOf(container: string, terminated: Terminated, disrupted: boolean): Attempt {
  const { exitCode, reason, message, finishedAt } = terminated;
  const parsed = parseTerminationMessage(message);
  if (exitCode === 0) return { kind: 'succeeded', report: parsed?.report, finishedAt };
  const memory = parsed ? undefined : outOfMemory(container, terminated);
  const why = parsed?.report.reason ?? (memory && 'OOMKilled') ?? reason ?? 'Error';
  const final = isFinal(exitCode);
  return {
    kind: 'failed',
    final,
    mayPass: MAY_PASS[why] ?? !final,
    disrupted,
    reason: why,
    message: parsed
      ? withTail(parsed.report.message, parsed.tail)
      : (memory ?? withTail(`the executor ended with exit code ${exitCode}`, message ?? '')),
    finishedAt,
  };
}

function underWay(fetch: State, executor: State): Attempt {
  if (executor?.running) return { kind: 'running', step: 'install' };
  return fetch?.running ? { kind: 'running', step: 'fetch' } : { kind: 'starting' };
}

type State = ContainerStatus['state'];

const stateOf = (statuses: ContainerStatus[] | undefined, name: string) =>
  statuses?.find((status) => status.name === name)?.state;

const isFinal = (exitCode: number) => TERMINAL_EXIT_CODES.includes(exitCode);

/** The message and as many last lines of the output as fit into a status. */
function withTail(message: string, tail: string): string {
  const head = Buffer.from(message)
    .subarray(0, MESSAGE_LIMIT - 200)
    .toString('utf8')
    .replace(/\uFFFD+$/, '');
  const text = tail.trim();
  if (text === '') return head;
  const room = MESSAGE_LIMIT - Buffer.byteLength(head) - 8;
  const bytes = Buffer.from(text);
  const end = bytes
    .subarray(Math.max(0, bytes.length - room))
    .toString('utf8')
    .replace(/^\uFFFD+/, '');
  return `${head}\n${end.length < text.length ? '… ' : ''}${end}`;
}
