import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { checkKustomization } from './kustomization.ts';

async function check(files: Record<string, string>, start = 'overlay'): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'pinion-kustomize-'));
  onTestFinished(() => rm(root, { recursive: true }));
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
  await checkKustomization(root, start, async () => undefined);
}

const base = { 'base/kustomization.yaml': 'resources: [a.yaml]', 'base/a.yaml': 'a: b' };

test('local bases, files and documents in place are fine', async () => {
  await check({
    ...base,
    'overlay/Kustomization':
      'resources: [../base]\npatches: [{patch: "see https://x"}, {path: p.yaml}]\ntransformers:\n- |\n  a: https://b\n  c: d\nconfigMapGenerator: [{name: x, files: [key=f.txt], literals: ["u=https://x"]}]',
    'overlay/p.yaml': 'a: b',
    'overlay/f.txt': 'x',
  });
});

test.for([
  ['a URL', 'resources: ["https://example.com/a.yaml"]'],
  ['a git address', 'resources: ["git@example.com:a/b"]'],
  ['a git address with a scheme', 'resources: ["ssh://git@example.com/a"]'],
  ['a forge address with a revision', 'resources: ["github.com/a/b?ref=v1"]'],
  ['a forge address with a path', 'bases: ["github.com/a/b//deploy"]'],
  ['a bare forge address', 'resources: [github.com/a/b]'],
  ['an absolute path', 'resources: [/etc/passwd]'],
  ['a path that leads out', 'resources: [../../etc]'],
  ['a component by URL', 'components: ["https://example.com/c"]'],
  ['a patch by URL', 'patches: [{path: "https://example.com/p.yaml"}]'],
  ['a generated file by URL', 'configMapGenerator: [{name: a, files: ["k=https://example.com/f"]}]'],
  ['a schema by URL', 'openapi: {path: "https://example.com/s.json"}'],
  ['a transformer by URL', 'transformers: ["https://example.com/t"]'],
  ['a chart', 'helmCharts: [{name: a}]'],
  ['a generator', 'generators: [g.yaml]'],
  ['a URL under a field in another case', 'Resources: ["https://example.com/a.yaml"]'],
  ['a chart under a field in another case', 'HelmCharts: [{name: a}]'],
  ['a patch by URL in another case', 'patches: [{Path: "https://example.com/p.yaml"}]'],
  ['a URL by a merge key', '<<: {resources: ["https://example.com/a.yaml"]}'],
  ['a URL of two lines', 'resources: ["https://example.com/a.yaml\n"]'],
] as const)('%s is refused', async ([, content]) => {
  await expect(check({ 'overlay/kustomization.yaml': content })).rejects.toMatchObject({
    reason: 'SourceInvalid',
  });
});

test('a remote base two levels down is refused, and named', async () => {
  await expect(
    check({
      'overlay/kustomization.yaml': 'resources: [../base]',
      'base/kustomization.yml': 'components: [deeper]',
      'base/deeper/kustomization.yaml': 'resources: ["https://example.com/a.yaml"]',
    }),
  ).rejects.toThrow(/^base\/deeper\/kustomization.yaml: resources names "https:\/\/example.com/);
});

test('a remote base in a directory of transformers is refused', async () => {
  await expect(
    check({
      'overlay/kustomization.yaml': 'transformers: [../base]',
      'base/kustomization.yaml': 'resources: ["https://example.com/a.yaml"]',
    }),
  ).rejects.toThrow(/^base\/kustomization.yaml: resources names/);
});
