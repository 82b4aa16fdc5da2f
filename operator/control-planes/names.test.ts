import { expect, test } from 'vitest';
import { namesOf } from './names.ts';

test('namesOf keeps short names readable', () => {
  expect(namesOf('demo')).toMatchObject({ apiServer: 'demo-apiserver', kubeconfig: 'demo-kubeconfig' });
});

test.each([
  ['of 63 characters', 'a'.repeat(63)],
  ['with a dash where it is cut', `${'a'.repeat(19)}-${'b'.repeat(40)}`],
  ['with dots', 'team.example.com'],
  ['that begins with a digit', '4711'],
])('namesOf makes valid names of Services and StatefulSets from a name %s', (_what, cluster) => {
  for (const name of Object.values(namesOf(cluster))) {
    expect(name).toMatch(/^[a-z]([a-z0-9-]*[a-z0-9])?$/);
    expect(name.length).toBeLessThanOrEqual(63);
  }
});

test('namesOf keeps shortened names unique', () => {
  const long = 'a'.repeat(62);
  const all = [`${long}b`, `${long}c`, 'a.b', 'a-b'].map((name) => namesOf(name).etcd);
  expect(new Set(all).size).toBe(4);
});
