import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hashOf, once } from './builds.ts';
import { LocalError } from './errors.ts';
import { layout } from './layout.ts';
import { attempt, run, tied } from './run.ts';

/** Debian packages of the host: to make roots and images, to boot machines and to plug them together. */
const hostPackages = [
  'mmdebstrap',
  'systemd-container',
  'buildah',
  'iproute2',
  'procps',
  'util-linux',
  'debian-archive-keyring',
];
const hostCommands = ['mmdebstrap', 'systemd-nspawn', 'buildah', 'ip', 'sysctl', 'unshare'];

const machinePackages = [
  'systemd',
  'systemd-sysv',
  'dbus',
  'containerd',
  'runc',
  'containernetworking-plugins',
  'iptables',
  'iproute2',
  'conntrack',
  'ethtool',
  'socat',
  'kmod',
  'procps',
  'util-linux',
  'mount',
  'ca-certificates',
  'docker-registry',
  'catatonit',
];
/** apt is not in the essential set, so every package of the image base is listed here; Node.js needs libstdc++6. */
const basePackages = ['ca-certificates', 'libstdc++6'];
const suite = 'bookworm';

/** Installs missing Debian packages on the host. @throws LocalError that says what to install by hand */
export async function prepareHost(): Promise<void> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    throw new LocalError(
      'NeedsRootOnLinux',
      'the local cluster needs root on a Linux machine: run this as root on Debian, or use a cluster of your own with CLUSTER=existing and KUBECONFIG set',
    );
  const present = await Promise.all(
    hostCommands.map(async (name) => (await attempt(['sh', '-c', 'command -v "$0"', name])).ok),
  );
  if (present.every(Boolean)) return;
  if (!existsSync('/usr/bin/apt-get'))
    throw new LocalError(
      'PackagesMissing',
      `this machine has no apt-get; install these packages by hand: ${hostPackages.join(', ')}`,
    );
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  await run(['apt-get', 'update', '-q'], { env });
  await run(['apt-get', 'install', '-qy', '--no-install-recommends', ...hostPackages], { env });
}

/** The host's own package sources if it is the same Debian: they are known to work here. */
async function packageSources(): Promise<string[]> {
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '');
  if (!release.includes(`VERSION_CODENAME=${suite}`)) return [];
  return ['/etc/apt/sources.list.d/debian.sources', '/etc/apt/sources.list']
    .filter((path) => existsSync(path))
    .slice(0, 1);
}

async function bootstrap(variant: string, packages: string[], target: string): Promise<void> {
  const extension = target.endsWith('.tar') ? '.tar' : '';
  const fresh = `${target}.new${extension}`;
  await rm(fresh, { recursive: true, force: true });
  await mkdir(dirname(target), { recursive: true });
  const doc = ['doc', 'man', 'info', 'locale'].map((name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`);
  const log = join(layout.logs, `mmdebstrap-${variant}.log`);
  await mkdir(layout.logs, { recursive: true });
  await run(
    [
      ...tied,
      'mmdebstrap',
      `--variant=${variant}`,
      ...doc,
      `--include=${packages.join(',')}`,
      suite,
      fresh,
      ...(await packageSources()),
    ],
    { log },
  );
  await rm(target, { recursive: true, force: true });
  await rename(fresh, target);
}

/** What the root of the machines is made of. */
export const machineRootHash = (): Promise<string> => hashOf([], suite, ...machinePackages);

/** Makes the root that all machines share. */
export const makeMachineRoot = async (): Promise<boolean> =>
  once('machine-root', await machineRootHash(), [layout.machineRoot], () =>
    bootstrap('minbase', machinePackages, layout.machineRoot),
  );

/** Makes the root that images start from. */
export const makeBaseRoot = async (): Promise<boolean> =>
  once('base-root', await hashOf([], suite, ...basePackages), [layout.baseRoot], () =>
    bootstrap('essential', basePackages, layout.baseRoot),
  );
