import { expect, test } from 'vitest';
import { CATALOGUE_NAMESPACE } from '#api/contract/names.ts';
import type { Reference } from '#api/validation/references.ts';
import { aPlugin, aVirtualCluster } from '#test/builders/manifests.ts';
import { kindReviewer } from './validate-kinds.ts';

const settings = { allowHostPaths: [], allowSourceCidrs: [], sourceSecureLoose: false };

async function lookedUp(kind: string, object: Record<string, unknown>) {
  const asked: Reference[] = [];
  const review = kindReviewer({
    settings,
    checkReferences: async (references) => {
      asked.push(...references);
      return [];
    },
  });
  const verdict = await review({
    uid: 'r1',
    kind: { group: 'kosmos.io', version: 'v1alpha1', kind },
    operation: 'CREATE',
    namespace: 'team-a',
    object,
  });
  expect(verdict).toMatchObject({ allowed: true });
  return asked.map(({ kind, name, namespaces }) => ({ kind, name, namespaces }));
}

const plugin = { pluginSources: { yaml: { path: { pvPath: 'store:/pv' } } } };
const claim = { kind: 'PersistentVolumeClaim', name: 'store', namespaces: ['team-a'] };
const target = { kind: 'Secret', name: 'target', namespaces: ['team-a'] };
const web = { kind: 'VirtualClusterPlugin', name: 'web', namespaces: ['team-a', CATALOGUE_NAMESPACE] };

test.each([
  ['a plugin', 'VirtualClusterPlugin', aPlugin('victim', 'web', plugin), [claim]],
  ['a VirtualCluster', 'VirtualCluster', aVirtualCluster('victim', 'c', ['web']), [target, web]],
  [
    'an object without metadata',
    'VirtualClusterPlugin',
    { ...aPlugin('', '', plugin), metadata: undefined },
    [claim],
  ],
])('what %s names is looked up in the namespace of the request', async (_what, kind, object, expected) => {
  expect(await lookedUp(kind, object)).toEqual(expected);
});
