import { run, tryRun } from './command.ts';

/** Chains of kube-proxy, kubelet, CNI plugins and flannel, which these programs recreate when they start. */
const NODE_CHAIN = /^(KUBE|CNI|FLANNEL)-/;

/**
 * The output of iptables-save without the chains of a node's programs, the rules in those chains and the rules that lead
 * to them: what remains are the rules of the machine's owner.
 * @returns undefined when there was nothing to remove
 */
export function withoutNodeRules(saved: string): string | undefined {
  const lines = saved.split('\n').filter((line) => !line.startsWith('#'));
  const kept = lines.filter((line) => {
    const declared = /^:(\S+)/.exec(line)?.[1];
    if (declared !== undefined) return !NODE_CHAIN.test(declared);
    const [chain, target] = [/^-A (\S+)/.exec(line)?.[1], / -[jg] (\S+)/.exec(line)?.[1]];
    return (
      !NODE_CHAIN.test(chain ?? '') &&
      !NODE_CHAIN.test(target ?? '') &&
      !/--comment "?(flanneld|cni) /.test(line)
    );
  });
  return kept.length === lines.length ? undefined : kept.join('\n');
}

/** Removes the firewall rules of a node's programs, for IPv4 and IPv6. @throws ReasonedError `CommandFailed` */
export async function clearFirewall(): Promise<void> {
  for (const family of ['iptables', 'ip6tables'] as const) {
    const saved = await tryRun([`${family}-save`]);
    if (!saved.ok) continue; // the machine does not support this family
    const kept = withoutNodeRules(saved.stdout);
    if (kept !== undefined) await run([`${family}-restore`], { input: `${kept}\n` });
  }
  for (const family of ['ip', 'ip6']) await tryRun(['nft', 'delete', 'table', family, 'kube-proxy']);
}
