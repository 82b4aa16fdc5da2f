import { expect, test } from 'vitest';
import { fileName } from './fetch-item.ts';
import { sameOwner } from './registry-auth.ts';

test.for([
  ['https://a.example/b/c.yaml?x=1', 'yaml', 'c.yaml'],
  ['https://a.example/b/c', 'yaml', 'c.yaml'],
  ['https://a.example/', 'values-file', 'source.yaml'],
  ['https://a.example/web', 'chart', 'web.tgz'],
  ['https://a.example/web.tar.gz', 'chart', 'web.tar.gz'],
  ['https://a.example/%2e%2e%2fetc%2fpasswd', 'kustomize', 'passwd'],
  ['https://a.example/.hidden', 'kustomize', 'hidden'],
  ['https://a.example/%zz', 'yaml', '_zz.yaml'],
] as const)('%s as %s is kept as %s', ([uri, slot, name]) => {
  expect(fileName(uri, slot)).toBe(name);
});

test.for([
  ['registry.example.com', 'registry.example.com', true],
  ['auth.example.com', 'registry.example.com', true],
  ['evil.example.org', 'registry.example.com', false],
  ['10.0.0.2', '10.0.0.1', false],
  ['evil', 'registry', false],
] as const)('a password for %s may go to registry %s: %s', ([realm, registry, may]) => {
  expect(sameOwner(realm, registry)).toBe(may);
});
