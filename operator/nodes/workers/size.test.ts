import { expect, test } from 'vitest';
import { UsageError } from '#api/flags.ts';
import type { VirtualCluster } from '#api/kinds/objects.ts';
import { aVirtualCluster } from '#test/builders.ts';
import { parseWorkerSize, wantedWorkers } from './size.ts';

const GIB = 2 ** 30;
const most = { cpuMillis: 8000, memoryBytes: 32 * GIB };
type Resources = Record<string, string | number>;

const asking = (resources: Resources): VirtualCluster => {
  const cluster = aVirtualCluster('shops', 'shop', []) as unknown as VirtualCluster;
  const metadata = { ...cluster.metadata, uid: 'uid-1' };
  return { ...cluster, metadata, spec: { promoteResources: { resources } } };
};
const sizes = (resources: Resources) =>
  wantedWorkers(asking(resources), most).map(({ size }) => [size.cpuMillis, size.memoryBytes / 2 ** 20]);

test.for<[string, Resources, number[][]]>([
  ['wants no worker when nothing is asked for', {}, []],
  ['wants no worker for zero cpu and memory', { cpu: 0, memory: '0' }, []],
  ['wants one worker for what fits into one pod', { cpu: 2, memory: '4Gi' }, [[2000, 4096]]],
  [
    'wants more workers when cpu exceeds the largest size',
    { cpu: 16, memory: '2Gi' },
    [
      [8000, 1024],
      [8000, 1024],
    ],
  ],
  [
    'wants more workers when memory exceeds the largest size',
    { cpu: '10', memory: '100Gi' },
    [
      [2500, 25600],
      [2500, 25600],
      [2500, 25600],
      [2500, 25600],
    ],
  ],
  [
    'splits an uneven amount so that it adds up',
    { cpu: 1, memory: '100Mi', 'kosmos.io/workers': 1 },
    [[1000, 100]],
  ],
  [
    'wants at least kosmos.io/workers workers',
    { cpu: '1', memory: '1Gi', 'kosmos.io/workers': 3 },
    [
      [333, 341],
      [333, 341],
      [334, 342],
    ],
  ],
])('wantedWorkers %s', ([, resources, expected]) => {
  expect(sizes(resources)).toEqual(expected);
});

test.for<[string, Resources, RegExp]>([
  ['memory without cpu', { memory: '1Gi' }, /set both/],
  ['cpu without memory', { cpu: 1 }, /set both/],
  [
    'a resource that worker pods do not provide',
    { cpu: 1, memory: '1Gi', 'example.com/gpu': 1 },
    /example.com\/gpu/,
  ],
  ['too little for each worker', { cpu: '100m', memory: '1Gi', 'kosmos.io/workers': 2 }, /at least/],
  ['a negative quantity', { cpu: -1, memory: '1Gi' }, /not a quantity/],
  ['thousands of workers', { cpu: 100_000, memory: '1Ti' }, /at most 1000/],
])('wantedWorkers refuses %s', ([, resources, message]) => {
  expect(() => sizes(resources)).toThrow(message);
});

test('wantedWorkers keeps names while the size of each worker stays the same, and changes them with the size', () => {
  const names = (resources: Resources) => wantedWorkers(asking(resources), most).map(({ name }) => name);
  const two = names({ cpu: 2, memory: '2Gi', 'kosmos.io/workers': 2 });
  const three = names({ cpu: 3, memory: '3Gi', 'kosmos.io/workers': 3 });
  expect(three.slice(0, 2)).toEqual(two);
  expect(names({ cpu: 4, memory: '2Gi', 'kosmos.io/workers': 2 })).not.toContain(two[0]);
  expect(two[0]).toMatch(/^shop-worker-[0-9a-f]{6}$/);
});

test('parseWorkerSize reads CPU/MEMORY and rejects everything else', () => {
  expect(parseWorkerSize('8/32Gi')).toEqual(most);
  for (const wrong of ['8', '8/32Gi/1', '/1Gi', '1m/1Gi'])
    expect(() => parseWorkerSize(wrong)).toThrow(UsageError);
});
