import { describe, expect, test } from 'vitest';
import { CATALOGUE_NAMESPACE } from '#api/contract/names.ts';
import type { PluginInstallationStatus } from '#api/kinds/plugininstallation.ts';
import { type PluginStatus, virtualClusterStatus } from '#api/kinds/virtualcluster.ts';
import type { PluginSetProblem } from '#api/plugin-set.ts';
import { cluster, installation, plugin, RECORD, recorded, TIME } from '#test/observed.ts';
import { assess } from './assess.ts';
import { project } from './project.ts';

type Input = Parameters<typeof project>[0];
const parts = (over: Partial<Input> = {}) =>
  project({ cluster: cluster(), wanted: [{ plugin: plugin() }], problems: [], installations: [], ...over });
const entryOf = (over: Partial<Input> = {}) => parts(over)[0]?.entry;

const CHART = {
  kind: 'chart',
  targetNamespace: 'edge',
  release: 'ingress',
  revision: 3,
  digest: 'digest-1',
} as const;
const installed: PluginInstallationStatus = recorded({
  installed: CHART,
  job: 'demo/job',
  attempts: 2,
  message: '',
  startTime: TIME,
  completionTime: TIME,
});
const working: PluginInstallationStatus = {
  phase: 'Installing',
  action: 'install',
  reason: 'PodStarting',
  message: 'the executor pod is starting',
};
const waiting: PluginInstallationStatus = {
  phase: 'Pending',
  reason: 'SecretNotFound',
  message: 'no Secret',
};
const failed: PluginInstallationStatus = { phase: 'Failed', reason: 'VerifyTimeout', installing: RECORD };
const orphaned: PluginInstallationStatus = { phase: 'Orphaned', reason: 'Disabled', installed: RECORD };

const newer = cluster({ metadata: { ...cluster().metadata, generation: 2 } });
const changedPlugin = { ...plugin(), metadata: { ...plugin().metadata, generation: 4 } };
const notFound: PluginSetProblem = { reason: 'PluginNotFound', plugin: 'web', message: 'no plugin web' };
const legacyEntry: PluginStatus = {
  name: 'web',
  namespace: 'demo',
  phase: 'Installed',
  digest: 'legacy-1',
  release: 'web',
};

describe('project', () => {
  test('says of a plugin why its installation could not be written, and leaves the others as they are', () => {
    const problem = {
      reason: 'InstallationNameTaken',
      message: 'PluginInstallation demo/vc.web already exists',
    };
    const dns = plugin({}, { name: 'dns' });
    const found = parts({
      wanted: [{ plugin: plugin() }, { plugin: dns }],
      installations: [installation('dns', installed)],
      unwritten: new Map([['web', problem]]),
    });
    expect(found.map(({ entry }) => entry)).toMatchObject([
      { name: 'dns', phase: 'Installed' },
      { name: 'web', phase: 'Pending', ...problem },
    ]);
    expect(found.map(({ progress }) => progress)).toEqual(['installed', 'waiting']);
  });

  test('shows an installation without what only it records', () => {
    expect(entryOf({ installations: [installation('web', installed)] })).toEqual({
      name: 'web',
      namespace: 'demo',
      phase: 'Installed',
      reason: 'Installed',
      message: '',
      job: 'demo/job',
      attempts: 2,
      release: 'ingress',
      revision: 3,
      verified: 'Yes',
      startTime: TIME,
      completionTime: TIME,
      installation: 'vc.web',
    });
  });

  test.for<[string, PluginInstallationStatus, string, boolean]>([
    ['waits', waiting, 'waiting', false],
    ['waits and was installed before', { ...waiting, installed: RECORD }, 'waiting', true],
    ['is being installed', working, 'working', false],
    ['has a pod that is kept from starting', { ...working, phase: 'Pending' }, 'working', false],
    ['is being updated', { ...working, installed: RECORD }, 'working', true],
    ['is installed', installed, 'installed', true],
    ['failed', failed, 'failed', false],
  ])('of a plugin that %s is %3$s', ([, status, progress, wasInstalled]) => {
    expect(parts({ installations: [installation('web', status)] })).toMatchObject([
      { progress, wasInstalled },
    ]);
  });

  test('shows an orphaned record as Pending until its plugin is decided on again', () => {
    const [part] = parts({ installations: [installation('web', { ...orphaned, observedGeneration: 0 })] });
    expect(part).toMatchObject({ progress: 'unobserved', wasInstalled: true, entry: { phase: 'Pending' } });
  });

  test.for<[string, Partial<Input>]>([
    ['the cluster has changed', { cluster: newer, installations: [installation('web', installed)] }],
    [
      'the plugin has changed',
      { wanted: [{ plugin: changedPlugin }], installations: [installation('web', installed)] },
    ],
    [
      'the installation has changed',
      { installations: [installation('web', { ...installed, observedGeneration: 0 })] },
    ],
  ])('is unobserved when %s, and shows what was there', ([, over]) => {
    expect(parts(over)).toMatchObject([
      { progress: 'unobserved', wasInstalled: true, entry: { phase: 'Installed', release: 'ingress' } },
    ]);
  });

  test.for<[string, Input['installations']]>([
    ['is no installation', []],
    ['is an installation without a status', [installation('web')]],
  ])('is unobserved when there %s', ([, installations]) => {
    expect(parts({ installations })).toEqual([
      {
        entry: {
          name: 'web',
          namespace: 'demo',
          phase: 'Pending',
          reason: 'WaitingForCluster',
          message: 'waiting for the cluster to be ready for plugins',
        },
        progress: 'unobserved',
        wasInstalled: false,
      },
    ]);
  });

  test('keeps the entry of an earlier release until its installation has taken it over', () => {
    const of = cluster({ status: { plugins: [legacyEntry] } });
    expect(parts({ cluster: of, installations: [installation('web')] })).toEqual([
      { entry: legacyEntry, progress: 'unobserved', wasInstalled: true },
    ]);
    const takenOver = entryOf({ cluster: of, installations: [installation('web', installed)] });
    expect(takenOver).toMatchObject({ installation: 'vc.web' });
    expect(takenOver).not.toHaveProperty('digest');
  });

  test.for<[string, PluginSetProblem]>([
    ['does not exist', notFound],
    ['is a disabled dependency', { ...notFound, reason: 'DependencyDisabled', message: 'web is disabled' }],
  ])('shows a plugin as waiting that %s', ([, problem]) => {
    const { reason, message } = problem;
    expect(parts({ wanted: [], problems: [problem] })).toEqual([
      { entry: { name: 'web', phase: 'Pending', reason, message }, progress: 'waiting', wasInstalled: false },
    ]);
  });

  test.for<[string, Input['installations']]>([
    ['without an installation', []],
    ['with an installation that has no status yet', [installation('web')]],
  ])('keeps what an earlier release recorded of a plugin that does not exist, %s', ([, installations]) => {
    const of = cluster({ status: { plugins: [legacyEntry] } });
    const given = { cluster: of, wanted: [], problems: [notFound], installations };
    const { reason, message } = notFound;
    expect(parts(given)).toEqual([
      {
        entry: { ...legacyEntry, phase: 'Pending', reason, message },
        progress: 'waiting',
        wasInstalled: true,
      },
    ]);
  });

  test('shows what a plugin has installed that does not exist any more', () => {
    const installations = [installation('web', installed)];
    expect(parts({ wanted: [], problems: [notFound], installations })).toMatchObject([
      {
        entry: { phase: 'Pending', reason: 'PluginNotFound', release: 'ingress', installation: 'vc.web' },
        wasInstalled: true,
      },
    ]);
  });

  test('sorts by name, and leaves out what the cluster does not want', () => {
    const wanted = ['web', 'dns'].map((name) => ({ plugin: plugin({}, { name }) }));
    const problems = [{ ...notFound, plugin: 'gone' }];
    const installations = [installation('old', orphaned), installation('web', installed)];
    const names = parts({ wanted, problems, installations }).map(({ entry }) => entry.name);
    expect(names).toEqual(['dns', 'gone', 'web']);
  });

  test('shows what the schema of the cluster allows', () => {
    for (const status of [waiting, working, installed, failed, orphaned]) {
      const plugins = parts({ installations: [installation('web', status)] }).map(({ entry }) => entry);
      expect(virtualClusterStatus.parse({ plugins })).toEqual({ plugins });
    }
  });
});

describe('assess of what project shows', () => {
  const absentOne = installation('old', orphaned, {
    spec: { clusterRef: { name: 'vc' }, pluginRef: { namespace: 'demo', name: 'old' }, state: 'Absent' },
  });

  test('counts no installation that is Absent', () => {
    const of = parts({ installations: [installation('web', installed), absentOne] });
    expect(assess({ kind: 'ready' }, of, false)).toMatchObject({
      phase: 'Completed',
      message: '1 of 1 plugins are installed',
    });
  });

  test('calls a cluster Completed whose last plugin was disabled', () => {
    const of = parts({ wanted: [], installations: [absentOne] });
    expect(assess({ kind: 'ready' }, of, false)).toMatchObject({
      phase: 'Completed',
      message: 'the plugin set is empty',
    });
  });

  test('calls a cluster Updating whose installed plugin moved from the catalogue to its own', () => {
    const spec = { clusterRef: { name: 'vc' }, pluginRef: { namespace: CATALOGUE_NAMESPACE, name: 'web' } };
    const of = parts({
      wanted: [{ plugin: changedPlugin }],
      installations: [installation('web', installed, { spec })],
    });
    expect(assess({ kind: 'ready' }, of, false)).toMatchObject({ phase: 'Updating', ready: false });
  });
});
