import { run, tryRun } from './command.ts';

/** Chains of kube-proxy, of the kubelet, of the CNI plugins and of flannel: each makes its own again. */
const OURS = /^(KUBE|CNI|FLANNEL)-/;

/**
 * What iptables-save printed, without the chains that the programs of a node make and without the rules in them
 * or that lead to them: what the machine's owner has set. Undefined when nothing of theirs is in it.
 */
export function withoutNodeRules(saved: string): string | undefined {
  const lines = saved.split('\n').filter((line) => !line.startsWith('#'));
  const kept = lines.filter((line) => {
    const declared = /^:(\S+)/.exec(line)?.[1];
    if (declared !== undefined) return !OURS.test(declared);
    const [chain, target] = [/^-A (\S+)/.exec(line)?.[1], / -[jg] (\S+)/.exec(line)?.[1]];
    return !OURS.test(chain ?? '') && !OURS.test(target ?? '') && !/--comment "?(flanneld|cni) /.test(line);
  });
  return kept.length === lines.length ? undefined : kept.join('\n');
}

/** Removes the rules of a node's programs, each family and its tables at once. */
export async function clearFirewall(): Promise<void> {
  for (const family of ['iptables', 'ip6tables'] as const) {
    const saved = await tryRun([`${family}-save`]);
    if (!saved.ok) continue; // the machine has no such family
    const kept = withoutNodeRules(saved.stdout);
    if (kept !== undefined) await run([`${family}-restore`], { input: `${kept}\n` });
  }
  for (const family of ['ip', 'ip6']) await tryRun(['nft', 'delete', 'table', family, 'kube-proxy']);
}
