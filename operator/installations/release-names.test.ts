import { expect, test } from 'vitest';
import type { PluginStatus } from '#api/kinds/virtualcluster.ts';
import type { VirtualClusterPluginSpec } from '#api/kinds/virtualclusterplugin.ts';
import { job, observation, plugin } from '#test/observed.ts';
import type { PluginObservation } from './observation.ts';
import { planPlugin } from './plan.ts';
import { holdTakenReleases } from './release-names.ts';

const CHART = { pluginSources: { chart: { storage: { uri: 'oci://charts.example/x' } } } };

function observed(
  name: string,
  spec: Partial<VirtualClusterPluginSpec> = {},
  over: Partial<PluginObservation> = {},
): PluginObservation {
  const of = plugin({ ...CHART, ...spec });
  of.metadata.name = name;
  return observation({ wanted: { plugin: of }, ...over });
}

const shared = { releaseName: 'ingress' };
const installedAs = (release: string) => ({
  recorded: { name: 'x', phase: 'Installed', release, digest: 'digest-0' } satisfies PluginStatus,
});
const running = { jobs: [job()] };
const waitingJob = { jobs: [job({ spec: { suspend: true } })] };
const unresolved = { content: { reason: 'SecretNotFound', message: 'no Secret' } };

const rows: [when: string, plugins: PluginObservation[], held: string[]][] = [
  ['their releases have different names', [observed('a'), observed('b')], []],
  [
    'the releases of one name are in different namespaces',
    [observed('a', shared), observed('b', { ...shared, targetNamespace: 'edge' })],
    [],
  ],
  [
    'two give the same name, the first by name has it',
    [observed('b', shared), observed('a', shared), observed('c')],
    ['b'],
  ],
  [
    'one gives the name of another, which gives none',
    [observed('ingress'), observed('web', shared)],
    ['web'],
  ],
  [
    'one leaves out the namespace that the other gives',
    [observed('a', shared), observed('b', { ...shared, targetNamespace: 'kube-system' })],
    ['b'],
  ],
  [
    'the second by name has installed it, the first is held',
    [observed('a', shared), observed('b', shared, installedAs('ingress'))],
    ['a'],
  ],
  [
    'the second by name has another release installed, it has no better right',
    [observed('a', shared), observed('b', shared, installedAs('old'))],
    ['b'],
  ],
  [
    'the second by name is being installed, the first is held',
    [observed('a', shared), observed('b', shared, running)],
    ['a'],
  ],
  [
    'the second by name has a Job that was not let run, it has no better right',
    [observed('a', shared), observed('b', shared, waitingJob)],
    ['b'],
  ],
  [
    'what is installed goes before what runs',
    [observed('a', shared, running), observed('b', shared, installedAs('ingress'))],
    ['a'],
  ],
  [
    'the one that has it lacks a Secret just now, it keeps it',
    [observed('a', shared), observed('b', shared, { ...installedAs('ingress'), ...unresolved })],
    ['a'],
  ],
  [
    'three give the same name, two are held',
    [observed('a', shared), observed('b', shared), observed('c', shared)],
    ['b', 'c'],
  ],
  [
    'one of them is no chart and has no release',
    [
      observed('a', { ...shared, pluginSources: { yaml: { path: { hostPath: '/opt' } } } }),
      observed('b', shared),
    ],
    [],
  ],
];

test.each(rows)('when %s', (_when, plugins, held) => {
  const found = holdTakenReleases(plugins).filter(({ hold }) => hold?.reason === 'ReleaseNameTaken');
  expect(found.map(({ wanted }) => wanted.plugin.metadata.name)).toEqual(held);
});

test('the message names both plugins and the field, and nothing is started', () => {
  const [, held] = holdTakenReleases([observed('a', shared), observed('b', shared)]);
  const plan = held && planPlugin(held);
  expect(plan).toMatchObject({ acts: [], status: { phase: 'Pending', reason: 'ReleaseNameTaken' } });
  expect(plan?.status.message).toMatch(
    /plugins a and b .*release ingress .*give b another spec\.releaseName/,
  );
});

test('what holds everything goes before a taken name', () => {
  const hold = { reason: 'Suspended', message: 'spec.suspend is true' };
  const held = holdTakenReleases([observed('a', shared), observed('b', shared, { hold })]);
  expect(held.at(-1)?.hold).toEqual(hold);
});
