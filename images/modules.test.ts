import { describe, expect, test } from 'vitest';
import { importedPackages, neededModules } from './modules.ts';

describe('what a program imports', () => {
  test.each<[string, string, string[]]>([
    ['a package by its name', "import { z } from 'zod';", ['zod']],
    [
      'a scoped package below its name',
      "import { a } from '@kubernetes/client-node/x.js';",
      ['@kubernetes/client-node'],
    ],
    ['a package imported for its effects', "import 'zod';", ['zod']],
    ['a package imported while running', "const a = await import('execa');", ['execa']],
    ['an import over several lines', "import {\n  a,\n  b,\n} from 'undici';", ['undici']],
    ['what is passed on', "export { a } from 'semver';", ['semver']],
    ['not types', "import type { z } from 'zod';", []],
    ['not Node itself, nor our own files', "import 'node:fs';\nimport './a.ts';\nimport '#api/b.ts';", []],
  ])('%s', (_name, text, packages) => {
    expect(importedPackages(text)).toEqual(packages);
  });
});

test('the executor does without a Kubernetes client', async () => {
  const modules = await neededModules(process.cwd(), ['api', 'executor']);
  expect(modules).toContain('node_modules/zod');
  expect(modules.filter((name) => name.includes('@kubernetes'))).toEqual([]);
});

test('dependencies of dependencies come along', async () => {
  expect(await neededModules(process.cwd(), ['executor'])).toContain('node_modules/streamx');
});
