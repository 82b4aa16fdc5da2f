import { expect, onTestFinished, test } from 'vitest';
import { API_VERSION, CATALOGUE_NAMESPACE } from '#api/contract/names.ts';
import type { VirtualCluster, VirtualClusterPlugin } from '#api/kinds/objects.ts';
import type { KubeClient, WatchEvent } from '#kube/client.ts';
import { silentLog } from '#kube/log.ts';
import type { KubeObject, Resource } from '#kube/resource.ts';
import { createCaches, startCaches } from '#operator/host/caches.ts';
import { PluginStatusReconciler } from './plugin-status.ts';

const metadataOf = (path: string, generation = 1) => {
  const [namespace = '', name = ''] = path.split('/');
  return { namespace, name, uid: path, generation, resourceVersion: String(resourceVersion++) };
};
let resourceVersion = 1;

const plugin = (path: string, spec: Partial<VirtualClusterPlugin['spec']> = {}): VirtualClusterPlugin => ({
  apiVersion: API_VERSION,
  kind: 'VirtualClusterPlugin',
  metadata: metadataOf(path),
  spec: { pluginSources: { yaml: { path: { pvPath: 'store:/pv' } } }, ...spec },
});

/** One turn of the event loop: what a watch has is read meanwhile. */
const seen = () => new Promise((resolve) => setImmediate(resolve));

/** A reconciler over these objects; `uses` tells what it last wrote of each plugin, `reads` how often it looked. */
async function given(plugins: VirtualClusterPlugin[], enabledBy: Record<string, string[]>) {
  const state = { reads: 0 };
  const cluster = (path: string, enabled: string[], generation?: number): VirtualCluster => ({
    apiVersion: API_VERSION,
    kind: 'VirtualCluster',
    metadata: metadataOf(path, generation),
    spec: {
      kubeconfigSecretRef: { name: 'target' },
      get pluginSet() {
        state.reads++;
        return { enabled: enabled.map((name) => ({ name })) };
      },
    },
  });
  const items: Record<string, KubeObject[]> = {
    virtualclusters: Object.entries(enabledBy).map(([path, enabled]) => cluster(path, enabled)),
    virtualclusterplugins: plugins,
  };
  const changed: Record<string, (event: WatchEvent<KubeObject>) => void> = {};
  const uses: Record<string, number> = {};
  const client = {
    list: async ({ plural }: Resource<KubeObject>) => ({ metadata: {}, items: items[plural] ?? [] }),
    async *watch({ plural }: Resource<KubeObject>) {
      for (;;) yield await new Promise((resolve) => Object.assign(changed, { [plural]: resolve }));
    },
    patch: async (_of: unknown, { name }: { name: string }, { status }: VirtualClusterPlugin) => {
      uses[name] = status?.usedBy ?? -1;
    },
  } as unknown as KubeClient;
  const caches = createCaches({ client, log: silentLog });
  const reconciler = new PluginStatusReconciler({ client, caches });
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  await startCaches(caches, stop.signal);
  await seen();
  return {
    state,
    uses,
    cluster,
    async happens(object: KubeObject & { kind: string }) {
      changed[object.kind === 'VirtualCluster' ? 'virtualclusters' : 'virtualclusterplugins']?.({
        type: 'MODIFIED',
        object,
      });
      await seen();
    },
    async reconcileAll() {
      for (const key of caches.plugins.cache.keys()) await reconciler.reconcile(key);
      return uses;
    },
  };
}

const inTwoNamespaces = () => [
  plugin(`${CATALOGUE_NAMESPACE}/dns`),
  plugin(`${CATALOGUE_NAMESPACE}/idle`),
  plugin('team-a/web', { dependsOn: [{ name: 'dns' }] }),
  plugin('team-b/audit', { default: true }),
];

test('a plugin is used by who enables it, depends on it or has it by default, in its reach', async () => {
  const { reconcileAll } = await given(inTwoNamespaces(), {
    'team-a/one': ['web'],
    'team-a/two': ['web', 'audit'],
    'team-b/three': ['dns', 'web'],
  });
  expect(await reconcileAll()).toEqual({ dns: 3, idle: 0, web: 2, audit: 1 });
});

test('all plugins are counted at once, and again only when what is asked for has changed', async () => {
  const { state, uses, cluster, happens, reconcileAll } = await given(inTwoNamespaces(), {
    'team-a/one': ['web'],
    'team-a/two': [],
  });
  await reconcileAll();
  const once = state.reads;
  expect(once).toBeGreaterThan(0);
  await happens({ ...cluster('team-a/two', []), status: { phase: 'Completed' } } as VirtualCluster);
  await happens({ ...plugin('team-a/web'), status: { usedBy: 1 } } as VirtualClusterPlugin);
  state.reads = 0;
  await reconcileAll();
  expect(state.reads).toBe(0);
  await happens(cluster('team-a/two', ['web'], 2));
  state.reads = 0;
  await reconcileAll();
  expect({ web: uses['web'], reads: state.reads }).toEqual({ web: 2, reads: once });
  await happens({ ...plugin('team-a/web'), metadata: metadataOf('team-a/web', 2) } as VirtualClusterPlugin);
  expect(await reconcileAll()).toMatchObject({ web: 2, dns: 0 });
});
