import { expect, test } from 'vitest';
import { inOrder } from './manifests.ts';

test('definitions and namespaces come first, all else in the order of the files', () => {
  const object = (kind: string, apiVersion = 'v1') => ({
    kind,
    apiVersion,
    name: kind,
    namespace: undefined,
    text: '',
    file: '',
  });
  const [early, rest] = inOrder([
    object('Pod'),
    object('CustomResourceDefinition', 'apiextensions.k8s.io/v1'),
    object('Service'),
    object('Namespace'),
  ]);
  expect([...early, ...rest].map(({ kind }) => kind)).toEqual([
    'CustomResourceDefinition',
    'Namespace',
    'Pod',
    'Service',
  ]);
});
