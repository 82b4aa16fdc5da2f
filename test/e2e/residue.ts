/** The state of a machine of the local cluster, as its root sees it: shows what a tenant has left there. */
import { execa } from 'execa';
import type { MachineName } from '#local/names.ts';

/** Lines by subject. */
export type Traces = Record<string, string[]>;

/** Runs a shell script on a machine, outside of all pods, for at most `seconds`. */
export async function onMachine(machine: MachineName, script: string, seconds = 60): Promise<string> {
  const { stdout: pid } = await execa('node', ['local/cli.ts', 'pid', machine]);
  // The machine has awk, ps and similar tools, but no Node.js.
  const { stdout } = await execa('nsenter', ['-t', pid.trim(), '-a', 'sh', '-c', script], {
    // The variable marks our own processes, so that they can be left out.
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', PINION_LOOKS: '1' },
    timeout: seconds * 1000,
  });
  return stdout;
}

/** Scripts that print lines. They leave out what the host's own pods change as they come and go. */
const SCRIPTS: Record<string, string> = {
  processes: `for p in /proc/[0-9]*; do
    grep -q kubepods $p/cgroup 2>/dev/null && continue
    grep -qa PINION_LOOKS= $p/environ 2>/dev/null && continue
    tr '\\0' ' ' < $p/cmdline 2>/dev/null | cut -c1-200; echo
  done | grep -v -e '^$' -e ' -address /run/containerd/containerd.sock' -e '(sd-pam)' -e /usr/lib/cni/ -e '^runc ' \
    -e tables -e systemd-udevd -e conntrack -e '^/.*mount ' | sed 's/--version=[^ ]*//'`,
  mounts: `awk '{print $5}' /proc/self/mountinfo | grep -v -e ^/var/lib/kubelet/pods -e ^/run/containerd/io -e ^/run/netns/ -e ^/run/systemd || true`,
  links: `ip -o link | awk -F': ' '!/master cni0/ {print $2}'`,
  routes: `ip route show table all | grep -v 'dev veth'`,
  firewall: `iptables-save | grep -v -e '^#' -e '^:KUBE-S' -e '^-A KUBE-S' -e '^:KUBE-EXT' -e '^-A KUBE-EXT' -e '^-A KUBE-NODEPORTS' -e '^:KUBE-FW' -e '^-A KUBE-PROXY' -e CNI- | sed 's/\\[[0-9:]*\\]//' ; ip6tables-save | grep -e FLANNEL -e pinion || true`,
  cgroups: `find /sys/fs/cgroup -maxdepth 3 -type d -name '*pinion*'`,
  units: `ls -d /etc/systemd/system/*.d /etc/systemd/system/pinion* /run/systemd/transient/* 2>/dev/null || true`,
  files: `find /etc /opt /run/flannel /run/pinion* /var/lib/pinion /var/lib/cni/results /var/log/containers /root \
    -path /var/lib/pinion/versions -prune -o -print 2>/dev/null | grep -v -e '/pods-' -e /cni-loopback- -e '^/var/log/containers/' -e 'pinion/state.json' || true`,
  // A missing state file means the same as phase Host.
  state: `grep -v '^{"phase":"Host","since":"[^"]*"}$' /var/lib/pinion/state.json 2>/dev/null || true`,
};

/** The current state of a machine. @throws when the machine is not running */
export async function tracesOn(machine: MachineName): Promise<Traces> {
  const entries = Object.entries(SCRIPTS).map(async ([subject, script]): Promise<[string, string[]]> => {
    const lines = (await onMachine(machine, script)).split('\n').map((line) => line.trim());
    return [subject, [...new Set(lines.filter(Boolean))].sort()];
  });
  return Object.fromEntries(await Promise.all(entries));
}

/** Lines that are new in `after`; subjects without new lines are left out. */
export function newIn(before: Traces, after: Traces): Traces {
  const added = Object.entries(after).map(([subject, lines]): [string, string[]] => {
    const known = new Set(before[subject]);
    return [subject, lines.filter((line) => !known.has(line))];
  });
  return Object.fromEntries(added.filter(([, lines]) => lines.length > 0));
}

/** Files, firewall rules, routes and addresses that contain one of these texts, such as a tenant's CA or ranges. */
export async function mentionsOn(machine: MachineName, texts: readonly string[]): Promise<string[]> {
  const patterns = texts.map((text) => `-e '${text.replaceAll("'", '')}'`).join(' ');
  const script = `grep -rlF --binary-files=text ${patterns} /etc /var/lib/pinion/tenant /var/lib/pinion/state.json \
    /var/lib/cni /var/lib/kubelet/pki /run/flannel /root 2>/dev/null
    { iptables-save; ip6tables-save; ip route show table all; ip addr; } | grep -F ${patterns} || true`;
  return (await onMachine(machine, script)).split('\n').filter(Boolean);
}
