import { describe, expect, test } from 'vitest';
import { importedPackages, neededModules } from './modules.ts';

describe('importedPackages finds', () => {
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
    ['a package that is exported again', "export { a } from 'semver';", ['semver']],
    ['no packages in type imports', "import type { z } from 'zod';", []],
    [
      'no packages in imports of Node and of own files',
      "import 'node:fs';\nimport './a.ts';\nimport '#api/b.ts';",
      [],
    ],
  ])('%s', (_name, text, packages) => {
    expect(importedPackages(text)).toEqual(packages);
  });
});

test('neededModules of the executor contain no Kubernetes client', async () => {
  const modules = await neededModules(process.cwd(), ['api', 'executor']);
  expect(modules).toContain('node_modules/zod');
  expect(modules.filter((name) => name.includes('@kubernetes'))).toEqual([]);
});

test('neededModules contain dependencies of dependencies', async () => {
  expect(await neededModules(process.cwd(), ['executor'])).toContain('node_modules/streamx');
});
