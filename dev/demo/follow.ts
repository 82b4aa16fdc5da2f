import type { VirtualCluster } from '#api/kinds/objects.ts';
import type { Progress } from '#local/progress.ts';
import type { Tool } from '../cluster/tools.ts';
import { CLUSTER, NAMESPACE } from './names.ts';

const POLL_MS = 500;
const PATIENCE_MS = 300_000;

/** Waits until the VirtualCluster is Completed and prints every change of a plugin meanwhile. */
export async function follow(kubectl: Tool, progress: Progress): Promise<VirtualCluster> {
  const seen = new Map<string, string>();
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const cluster = JSON.parse(
      await kubectl(['get', 'virtualcluster', CLUSTER, '-n', NAMESPACE, '-o', 'json']),
    ) as VirtualCluster;
    for (const line of changes(cluster, seen)) progress.note(`  ${line}`);
    const { phase, reason } = cluster.status ?? {};
    if (phase === 'Completed') return cluster;
    if (phase === 'Failed' || Date.now() > end) {
      throw new Error(
        `the VirtualCluster did not become Completed; its phase is ${phase ?? 'not set'}${reason ? `, reason ${reason}` : ''}\n${JSON.stringify(cluster.status, undefined, 2)}`,
      );
    }
    await new Promise((resume) => setTimeout(resume, POLL_MS));
  }
}

/** One line per plugin, and one for the cluster, that changed since the last call. */
export function changes({ status }: VirtualCluster, seen: Map<string, string>): string[] {
  const plugins = (status?.plugins ?? []).map(({ name, phase, reason, message }): [string, string] => [
    `plugin ${name}`,
    [phase, phase === 'Installed' ? '' : (reason ?? ''), phase === 'Failed' ? (message ?? '') : '']
      .filter((part) => part !== '' && part !== undefined)
      .join(' · '),
  ]);
  const whole: [string, string][] = status?.phase
    ? [['VirtualCluster', `${status.phase} ${status.pluginsReady ?? ''}`.trim()]]
    : [];
  const lines: string[] = [];
  for (const [name, state] of [...plugins, ...whole]) {
    if (seen.get(name) === state) continue;
    seen.set(name, state);
    lines.push(`${name.padEnd(18)} ${state}`);
  }
  return lines;
}
