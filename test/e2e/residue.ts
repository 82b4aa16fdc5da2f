/** What a machine of the local cluster has, as its root sees it: to tell what a tenant has left there. */
import { execa } from 'execa';
import type { MachineName } from '#local/names.ts';

/** Lines by what they are about. */
export type Traces = Record<string, string[]>;

/** Runs a shell script on a machine, outside of all pods, for at most `seconds`. */
export async function onMachine(machine: MachineName, script: string, seconds = 60): Promise<string> {
  const { stdout: pid } = await execa('node', ['local/cli.ts', 'pid', machine]);
  // awk, ps and the like are there; Node.js is not.
  const { stdout } = await execa('nsenter', ['-t', pid.trim(), '-a', 'sh', '-c', script], {
    // The mark tells our own programs from those of the machine.
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', PINION_LOOKS: '1' },
    timeout: seconds * 1000,
  });
  return stdout;
}

/** Each prints lines. What the host's own pods leave, who come and go, is not among them. */
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
  // No file says the same as one that says Host.
  state: `grep -v '^{"phase":"Host","since":"[^"]*"}$' /var/lib/pinion/state.json 2>/dev/null || true`,
};

/** @throws when the machine does not run */
export async function tracesOn(machine: MachineName): Promise<Traces> {
  const entries = Object.entries(SCRIPTS).map(async ([about, script]): Promise<[string, string[]]> => {
    const lines = (await onMachine(machine, script)).split('\n').map((line) => line.trim());
    return [about, [...new Set(lines.filter(Boolean))].sort()];
  });
  return Object.fromEntries(await Promise.all(entries));
}

/** What is there now and was not before; only what differs is named. */
export function newIn(before: Traces, after: Traces): Traces {
  const added = Object.entries(after).map(([about, lines]): [string, string[]] => {
    const known = new Set(before[about]);
    return [about, lines.filter((line) => !known.has(line))];
  });
  return Object.fromEntries(added.filter(([, lines]) => lines.length > 0));
}

/** Files and firewall rules that hold one of these texts: a tenant's CA, its ranges. */
export async function mentionsOn(machine: MachineName, texts: readonly string[]): Promise<string[]> {
  const patterns = texts.map((text) => `-e '${text.replaceAll("'", '')}'`).join(' ');
  const script = `grep -rlF --binary-files=text ${patterns} /etc /var/lib/pinion/tenant /var/lib/pinion/state.json \
    /var/lib/cni /var/lib/kubelet/pki /run/flannel /root 2>/dev/null
    { iptables-save; ip6tables-save; ip route show table all; ip addr; } | grep -F ${patterns} || true`;
  return (await onMachine(machine, script)).split('\n').filter(Boolean);
}
