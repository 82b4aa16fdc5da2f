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

/** True if each of these nodes is there and Ready. */
export async function nodesReady(names: readonly string[]): Promise<boolean> {
  const path = '{range .items[*]}{.metadata.name}={.status.conditions[?(@.type=="Ready")].status} {end}';
  const result = await tryKubectl('get', 'nodes', '-o', `jsonpath=${path}`);
  const states = result.stdout.trim().split(' ');
  return result.ok && names.every((name) => states.includes(`${name}=True`));
}
