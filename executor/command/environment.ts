import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The environment of every tool, written from nothing: what the pod's own environment holds reaches no tool.
 * Caches lie in memory, and Helm's plugins directory is empty, so there is no post-renderer and no plugin.
 */
export async function toolEnvironment(of: {
  memory: string;
  scratch: string;
  path: string;
  kubeconfig: string;
}): Promise<Record<string, string>> {
  const home = join(of.memory, 'home');
  const directories = {
    HOME: home,
    TMPDIR: join(of.scratch, 'tmp'),
    XDG_CACHE_HOME: join(home, 'cache'),
    XDG_CONFIG_HOME: join(home, 'config'),
    XDG_DATA_HOME: join(home, 'data'),
    HELM_CACHE_HOME: join(home, 'helm-cache'),
    HELM_CONFIG_HOME: join(home, 'helm-config'),
    HELM_DATA_HOME: join(home, 'helm-data'),
    HELM_PLUGINS: join(home, 'helm-plugins'),
    KUBECACHEDIR: join(home, 'kube-cache'),
  };
  await Promise.all(Object.values(directories).map((path) => mkdir(path, { recursive: true, mode: 0o700 })));
  return { ...directories, PATH: of.path, KUBECONFIG: of.kubeconfig, LC_ALL: 'C.UTF-8', NO_COLOR: '1' };
}
