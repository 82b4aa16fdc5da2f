import { Failure } from '../failure.ts';
import { mebibytes } from '../source/limits.ts';
import type { Outcome } from './run.ts';

/**
 * Nobody but the kernel kills a tool with SIGKILL whose time is not over: the container's memory is used up.
 * @throws Failure `OOMKilled`
 */
export function requireMemory(tool: string, { signal, ended }: Pick<Outcome, 'signal' | 'ended'>): void {
  if (signal !== 'SIGKILL' || ended !== undefined) return;
  // Zero or a huge number where there is no limit.
  const limit = process.constrainedMemory();
  const size = limit > 0 && limit < 2 ** 50 ? `, ${mebibytes(limit)}` : '';
  throw new Failure(
    'OOMKilled',
    `${tool} was killed, which means that the memory of the executor's container is used up${size}; make the source smaller, or have the administrator raise executor.resources in the pod settings`,
  );
}
