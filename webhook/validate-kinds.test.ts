import { expect, test } from 'vitest';
import { CATALOGUE_NAMESPACE } from '#api/contract/names.ts';
import type { Reference } from '#api/validation/references.ts';
import { aPlugin, aVirtualCluster } from '#test/builders/manifests.ts';
import { kindReviewer } from './validate-kinds.ts';

const settings = { allowHostPaths: [], allowSourceCidrs: [], sourceSecureLoose: false };

async function referencesOf(kind: string, object: Record<string, unknown>) {
  const lookedUp: Reference[] = [];
  const review = kindReviewer({
    settings,
    checkReferences: async (references) => {
      lookedUp.push(...references);
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
  return lookedUp.map(({ kind, name, namespaces }) => ({ kind, name, namespaces }));
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
])(
  'kindReviewer looks up the references of %s in the namespace of the request',
  async (_what, kind, object, expected) => {
    expect(await referencesOf(kind, object)).toEqual(expected);
  },
);
