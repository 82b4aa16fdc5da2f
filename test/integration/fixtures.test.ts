import { execa } from 'execa';
import { expect, test } from 'vitest';

test.each(['web', 'queue', 'dashboard'])('the chart %s of the demo renders', async (chart) => {
  const run = await execa(
    '.local/bin/helm',
    ['template', chart, `test/fixtures/charts/${chart}`, '--set', 'image=example.com/a:1'],
    { reject: false },
  );
  expect(run.stderr).toBe('');
  expect(run.stdout).toMatch(new RegExp(`name: ['"]?${chart}`));
});

test('the kustomization of the demo builds', async () => {
  const { stdout } = await execa('.local/bin/kustomize', ['build', 'test/fixtures/kustomization']);
  expect(stdout).toContain('name: guard-pods');
});
