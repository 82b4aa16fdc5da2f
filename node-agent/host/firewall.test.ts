import { describe, expect, test } from 'vitest';
import { withoutNodeRules } from './firewall.ts';

const saved = (...lines: string[]) => ['*nat', ...lines, 'COMMIT', ''].join('\n');

describe('withoutNodeRules', () => {
  test.each([
    ['keeps a rule of the machine’s owner', ['-A INPUT -p tcp --dport 22 -j ACCEPT'], undefined],
    ['keeps chains that no program of a node made', [':MINE - [0:0]', '-A MINE -j RETURN'], undefined],
    [
      'removes a chain of kube-proxy',
      [':KUBE-SERVICES - [0:0]', ':INPUT ACCEPT [1:2]'],
      [':INPUT ACCEPT [1:2]'],
    ],
    ['removes a rule in a chain of kube-proxy', ['-A KUBE-SVC-X -j ACCEPT'], []],
    [
      'removes a rule that leads to a chain of kube-proxy',
      ['-A OUTPUT -m comment --comment "kubernetes" -j KUBE-SERVICES'],
      [],
    ],
    ['removes a rule of a CNI plugin', ['-A PREROUTING -j CNI-HOSTPORT-DNAT'], []],
    [
      'removes a rule of flannel in a chain of the kernel',
      ['-A FORWARD -s 10.200.0.0/16 -m comment --comment "flanneld forward" -j ACCEPT'],
      [],
    ],
    [
      'removes the comments of iptables-save along with a rule',
      ['# Generated', '-A KUBE-SVC-X -j ACCEPT'],
      [],
    ],
  ])('%s', (_name, lines, kept) => {
    expect(withoutNodeRules(saved(...lines))).toBe(kept && saved(...kept));
  });
});
