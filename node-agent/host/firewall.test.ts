import { describe, expect, test } from 'vitest';
import { withoutNodeRules } from './firewall.ts';

const saved = (...lines: string[]) => ['*nat', ...lines, 'COMMIT', ''].join('\n');

describe('of saved firewall rules', () => {
  test.each([
    ['a rule of the owner stays', ['-A INPUT -p tcp --dport 22 -j ACCEPT'], undefined],
    ['chains that no program of a node made stay', [':MINE - [0:0]', '-A MINE -j RETURN'], undefined],
    [
      'a chain of kube-proxy goes',
      [':KUBE-SERVICES - [0:0]', ':INPUT ACCEPT [1:2]'],
      [':INPUT ACCEPT [1:2]'],
    ],
    ['a rule in such a chain goes', ['-A KUBE-SVC-X -j ACCEPT'], []],
    ['a rule that leads to one goes', ['-A OUTPUT -m comment --comment "kubernetes" -j KUBE-SERVICES'], []],
    ['a rule of a CNI plugin goes', ['-A PREROUTING -j CNI-HOSTPORT-DNAT'], []],
    [
      'a rule of flannel in a chain of the kernel goes',
      ['-A FORWARD -s 10.200.0.0/16 -m comment --comment "flanneld forward" -j ACCEPT'],
      [],
    ],
    ['comments of iptables-save go along', ['# Generated', '-A KUBE-SVC-X -j ACCEPT'], []],
  ])('%s', (_name, lines, kept) => {
    expect(withoutNodeRules(saved(...lines))).toBe(kept && saved(...kept));
  });
});
