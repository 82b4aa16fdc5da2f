import type { JoinOrder } from '#api/contract/join-order.ts';
import { type Files, type Machine, pathsIn } from './machine.ts';

/** A TOML string: all of JSON's escapes are valid in TOML. */
const quoted = (text: string) => JSON.stringify(text);

/** Settings of containerd and of the registries without TLS. */
export function containerdFiles(order: JoinOrder, { folders, cniPrograms }: Machine): Files {
  const paths = pathsIn(folders);
  const registries = order.insecureRegistries.map((registry) => [
    `${paths.registries}/${registry}/hosts.toml`,
    { text: registryHosts(registry), mode: 0o644 },
  ]);
  const text = `version = 2
root = ${quoted(folders.containerd)}
state = ${quoted(paths.containerdState)}
# Snapshotters of file systems that the node does not have, and an unused folder in /opt.
disabled_plugins = [
  "io.containerd.snapshotter.v1.aufs",
  "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper",
  "io.containerd.snapshotter.v1.zfs",
  "io.containerd.internal.v1.opt",
]
[grpc]
  address = ${quoted(paths.containerdSocket)}
[plugins."io.containerd.grpc.v1.cri"]
  # A pod may lack the right to lower its children's OOM score.
  restrict_oom_score_adj = true
  sandbox_image = ${quoted(order.pauseImage)}
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = ${quoted(cniPrograms)}
    conf_dir = ${quoted(paths.cniConfig)}
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = ${quoted(paths.registries)}
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
`;
  return { [paths.containerdConfig]: { text, mode: 0o644 }, ...Object.fromEntries(registries) };
}

const registryHosts = (registry: string) => `server = ${quoted(`http://${registry}`)}

[host.${quoted(`http://${registry}`)}]
  capabilities = ["pull", "resolve"]
`;
