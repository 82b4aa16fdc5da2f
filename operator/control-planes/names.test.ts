import { expect, test } from 'vitest';
import { namesOf } from './names.ts';

test('short names are what a user expects', () => {
  expect(namesOf('demo')).toMatchObject({ apiServer: 'demo-apiserver', kubeconfig: 'demo-kubeconfig' });
});

test.each([
  ['of 63 characters', 'a'.repeat(63)],
  ['with a dash where it is cut', `${'a'.repeat(19)}-${'b'.repeat(40)}`],
  ['with dots', 'team.example.com'],
  ['that begins with a digit', '4711'],
])('a name %s becomes names that Services and StatefulSets may have', (_what, cluster) => {
  for (const name of Object.values(namesOf(cluster))) {
    expect(name).toMatch(/^[a-z]([a-z0-9-]*[a-z0-9])?$/);
    expect(name.length).toBeLessThanOrEqual(63);
  }
});

test('names that are cut stay distinct', () => {
  const long = 'a'.repeat(62);
  const all = [`${long}b`, `${long}c`, 'a.b', 'a-b'].map((name) => namesOf(name).etcd);
  expect(new Set(all).size).toBe(4);
});
