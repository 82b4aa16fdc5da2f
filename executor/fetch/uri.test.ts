import { expect, test } from 'vitest';
import { fileName } from './uri.ts';

test.for([
  ['https://a.example/b/c.yaml?x=1', 'yaml', 'c.yaml'],
  ['https://a.example/b/c', 'yaml', 'c.yaml'],
  ['https://a.example/', 'values-file', 'source.yaml'],
  ['https://a.example/web', 'chart', 'web.tgz'],
  ['https://a.example/web.tar.gz', 'chart', 'web.tar.gz'],
  ['https://a.example/%2e%2e%2fetc%2fpasswd', 'kustomize', 'passwd'],
  ['https://a.example/.hidden', 'kustomize', 'hidden'],
  ['https://a.example/%zz', 'yaml', '_zz.yaml'],
] as const)('the file at %s for slot %s is named %s', ([uri, slot, name]) => {
  expect(fileName(uri, slot)).toBe(name);
});
