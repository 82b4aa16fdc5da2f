import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { mayHaveInstallHooks, namesInstallHook } from './install-hooks.ts';

const CASES = [
  ['a hook after the installation', '  annotations:\n    "helm.sh/hook": post-install\n', true],
  ['a hook before an upgrade, in single quotes', "'helm.sh/hook' : 'pre-upgrade'", true],
  ['one of several hooks', 'helm.sh/hook: test, post-upgrade', true],
  ['a hook in capitals', 'helm.sh/hook: POST-INSTALL', true],
  ['a hook that a template decides', '"helm.sh/hook": {{ .Values.hook }}', true],
  ['a hook on the next line', '"helm.sh/hook":\n      post-install', true],
  ['a hook in JSON', '{"annotations":{"helm.sh/hook":"pre-install","a":"b"}}', true],
  ['a key that a template compares', '{{ if hasKey . "helm.sh/hook" }}', true],
  ['a test', 'annotations:\n  "helm.sh/hook": test # run by helm test\n', false],
  ['a test in flow style', 'annotations: {"helm.sh/hook": test-success, b: c}', false],
  ['a hook of a removal with Windows line ends', '"helm.sh/hook": pre-delete,post-delete\r\n', false],
  [
    'a weight and a policy alone',
    'helm.sh/hook-weight: "1"\nhelm.sh/hook-delete-policy: hook-succeeded',
    false,
  ],
  ['a text without hooks', 'kind: ConfigMap', false],
] as const;

test.for(CASES.map(([name, text, expected]) => ({ name, text, expected })))(
  '$name counts as a hook of an installation or upgrade: $expected',
  ({ text, expected }) => {
    expect(namesInstallHook(text)).toBe(expected);
  },
);

const HOOK = 'annotations: {"helm.sh/hook": post-install}';

test.for([
  ['in a template', { 'templates/job.yaml': HOOK }, true],
  ['in a template of a dependency', { 'charts/db/templates/job.yaml': HOOK }, true],
  ['in an archive of a dependency', { 'charts/db-1.0.0.tgz': gzipSync(HOOK) }, true],
  ['in an archive that is none', { 'charts/db-1.0.0.tgz': 'no gzip' }, true],
  ['in the values', { 'values.yaml': HOOK }, true],
  ['in a file that a template may include', { 'files/job.tpl': HOOK }, true],
  ['in the documentation alone', { 'README.md': HOOK, 'templates/NOTES.txt': HOOK }, false],
  ['nowhere', { 'templates/map.yaml': 'kind: ConfigMap', 'charts/db-1.0.0.tgz': gzipSync('a') }, false],
] as const)('a chart with a hook %s', async ([, files, expected]) => {
  const chart = await mkdtemp(join(tmpdir(), 'pinion-chart-'));
  onTestFinished(() => rm(chart, { recursive: true }));
  for (const [path, content] of Object.entries({ 'Chart.yaml': 'name: a', ...files })) {
    await mkdir(dirname(join(chart, path)), { recursive: true });
    await writeFile(join(chart, path), content);
  }
  expect(await mayHaveInstallHooks(chart, { files: [], set: [] })).toBe(expected);
});

test('a hook that the files of values bring is seen', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'pinion-chart-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  await mkdir(join(directory, 'chart'));
  await writeFile(join(directory, 'values.yaml'), 'job: {annotations: {helm.sh/hook: post-upgrade}}');
  const values = [join(directory, 'values.yaml')];
  expect(await mayHaveInstallHooks(join(directory, 'chart'), { files: values, set: [] })).toBe(true);
});

test('a hook in an expression of --set makes helm wait', async () => {
  const chart = await mkdtemp(join(tmpdir(), 'hooks-'));
  const set = [String.raw`job.annotations.helm\.sh/hook=post-install`];
  expect(await mayHaveInstallHooks(chart, { files: [], set })).toBe(true);
});
