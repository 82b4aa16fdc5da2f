import { FETCH_CONTAINER } from '#api/contract/job.ts';
import type { Terminated } from '#kube/resources.ts';

/** What V8 prints when its heap is used up, before it ends the program with code 134, or 139 as a container's process 1. */
const HEAP = /heap out of memory|Reached heap limit|process out of memory/i;
/** The last step that the log of the executor had opened. */
const STEP = /^.*==> (\w+): ([^\n]*)/ms;

/**
 * The message about a container that ended without a report because its memory was used up, by the kernel (OOMKilled) or by
 * Node; undefined for any other end.
 */
export function outOfMemory(
  container: string,
  { exitCode, reason, message = '' }: Terminated,
): string | undefined {
  if (reason !== 'OOMKilled' && !HEAP.test(message)) return undefined;
  const [, step, title] = STEP.exec(message) ?? [];
  const during =
    container === FETCH_CONTAINER ? 'fetching its sources' : 'installing or verifying the plugin';
  const where = step === undefined ? during : `${during}, in step ${step} (${title})`;
  return `the executor ran out of memory while ${where} (exit code ${exitCode}); make the source smaller, or have the administrator raise executor.resources in the pod settings`;
}
