import { readdirSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { aNamespace } from '#test/builders/manifests.ts';
import { apply, tryKubectl } from '#test/kubectl.ts';
import { installKinds } from '../webhook/harness.ts';

beforeAll(async () => {
  await installKinds();
  await apply(aNamespace('team-a'));
});

const samples = readdirSync('deploy/samples').filter((name) => name.endsWith('.yaml'));

test.each(samples)('the sample %s is accepted by the API server', async (name) => {
  const { ok, stderr } = await tryKubectl([
    'apply',
    '--server-side',
    '--validate=strict',
    '-f',
    `deploy/samples/${name}`,
  ]);
  expect(ok, stderr).toBe(true);
});
