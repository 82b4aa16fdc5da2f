import { join } from 'node:path';
import { layout } from './layout.ts';
import { attempt, type RunResult, run } from './run.ts';

const argv = (args: string[]) => [join(layout.bin, 'kubectl'), `--kubeconfig=${layout.kubeconfig}`, ...args];

/** kubectl as the cluster's admin; a failure is an error. */
export const kubectl = (...args: string[]): Promise<string> => run(argv(args));

/** kubectl whose failure is a value. */
export const tryKubectl = (...args: string[]): Promise<RunResult> =>
  attempt(argv(['--request-timeout=5s', ...args]));

/** Applies manifests given as text. */
export const applyText = (text: string): Promise<string> =>
  run(argv(['apply', '--server-side', '--force-conflicts', '-f', '-']), { input: text });

/** True if every machine is a Ready node. */
export async function nodesReady(count: number): Promise<boolean> {
  const path = '{range .items[*]}{.status.conditions[?(@.type=="Ready")].status} {end}';
  const result = await tryKubectl('get', 'nodes', '-o', `jsonpath=${path}`);
  const states = result.stdout.trim().split(' ');
  return result.ok && states.length === count && states.every((state) => state === 'True');
}
