import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { get } from '#test/kubectl.ts';
import { createPod } from './pod.ts';

const chart = (releaseName: string) => ({
  kind: 'chart' as const,
  chart: { slot: 'chart' as const, path: '' },
  releaseName,
  valuesFiles: [],
  wait: false,
});

/** Text that compresses to three quarters, as base64 of random bytes does. */
const random = (bytes: number) => randomBytes(Math.ceil((bytes * 3) / 4)).toString('base64');

test('a release whose record is at 95 % of the limit is installed', async () => {
  const pod = await createPod();
  await pod.sources({
    'chart/Chart.yaml': 'apiVersion: v2\nname: big\nversion: 1.0.0\n',
    // The file is in base64 in the record, which is gzipped and in base64 again.
    'chart/files/data.txt': random(0.7 * 2 ** 20),
  });
  await pod.order({ targetNamespace: 'size-record', install: chart('fits') });
  const { log, report } = await pod.start('run').ended;
  expect(report, log).toMatchObject({ reason: 'Succeeded' });
});

/** So many ConfigMaps with nothing in them. */
const maps = (count: number) =>
  Array.from(
    { length: count },
    (_, i) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: many-${i}}\n`,
  ).join('---\n');

test('more objects than an inventory has room for are refused before any is applied', async () => {
  const pod = await createPod();
  await pod.sources({ 'yaml/a.yaml': maps(6000) });
  const install = { kind: 'yaml' as const, source: { slot: 'yaml' as const, path: '' } };
  await pod.order({ targetNamespace: 'size-inventory', install });
  const { log, report } = await pod.start('run').ended;
  expect(report, log).toMatchObject({
    reason: 'SourceInvalid',
    message: expect.stringMatching(/has 6000 objects, .* take 1\.\d MiB; a ConfigMap has room for 1 MiB/),
  });
  expect(await get('configmap', 'many-0', 'size-inventory').catch(() => undefined)).toBeUndefined();
});

test.for([
  ['the limit of a Secret', 1.3],
  ['the limit of etcd', 1.7],
  ['the limit of a request', 4],
] as const)('a release whose record is over %s is refused at once, with both', async ([, mib]) => {
  const pod = await createPod();
  await pod.sources({
    'chart/Chart.yaml': 'apiVersion: v2\nname: big\nversion: 1.0.0\n',
    'chart/templates/map.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: big}\n',
    'chart/files/data.txt': random(mib * 2 ** 20),
  });
  await pod.order({ targetNamespace: 'size-record', install: chart(`big-${String(mib).replace('.', '-')}`) });
  const { log, report } = await pod.start('run').ended;
  expect(report, log).toMatchObject({
    reason: 'ApplyRejected',
    message: expect.stringMatching(
      /\.helmignore.*A Secret may have 1 MiB, .* take [0-9.]+ MiB, packed \(files\/data\.txt/s,
    ),
  });
});
