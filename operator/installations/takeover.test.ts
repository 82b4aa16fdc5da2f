import { describe, expect, test } from 'vitest';
import { ANNOTATION } from '#api/contract/names.ts';
import { pluginInstallationStatus } from '#api/kinds/plugininstallation.ts';
import type { PluginStatus } from '#api/kinds/virtualcluster.ts';
import {
  cluster,
  condition,
  content,
  createdAt,
  ended,
  job,
  nameOfJob,
  observation,
  plugin,
  pod,
  RECORD,
  suspended,
  TIME,
  withDigest,
  withoutDigest,
  withStatus,
} from '#test/observed.ts';
import type { Observation } from './observation.ts';
import { planInstallation } from './plan.ts';
import { failureKey } from './state.ts';
import { adopt, legacyEntry, legacyStatus } from './takeover.ts';

/** Entries as the release before PluginInstallation wrote them. */
const installed: PluginStatus = {
  name: 'web',
  namespace: 'demo',
  phase: 'Installed',
  reason: 'Installed',
  message: '',
  job: `demo/${nameOfJob('legacy-1')}`,
  attempts: 1,
  digest: 'legacy-1',
  verified: 'Yes',
  startTime: TIME,
  completionTime: TIME,
};
const underWay: PluginStatus = {
  name: 'web',
  namespace: 'demo',
  phase: 'Installing',
  reason: 'Installing',
  job: `demo/${nameOfJob('legacy-1')}`,
  startTime: TIME,
};
const failed: PluginStatus = {
  ...underWay,
  phase: 'Failed',
  reason: 'RenderFailed',
  message: 'bad template',
  failedDigest: 'legacy-1',
};
const failedAfterRetry: PluginStatus = { ...failed, failedDigest: failureKey('legacy-1', '1') };

const legacyJob = job(withDigest('legacy-1'));
const succeededJob = job(withDigest('legacy-1'), withStatus(condition('Complete')));
const failedJob = job(withDigest('legacy-1'), withStatus(condition('Failed', 'PodFailurePolicy')));
/** A Job of what the plugin was changed to, which was changed back since. */
const otherJob = job(withDigest('legacy-2'), createdAt('2026-01-01T00:05:00Z'));
const retried = cluster({ metadata: { ...cluster().metadata, annotations: { [ANNOTATION.retry]: '1' } } });
const problem = { reason: 'SecretNotFound', message: 'no Secret', terminal: false };

/** What is planned when the installation of the plugin is decided on for the first time. */
function takenOver(entry: PluginStatus, over: Partial<Observation> = {}) {
  const recorded = legacyStatus(entry, plugin());
  return planInstallation(adopt(observation({ recorded, ...over }), true));
}
const actsOf = ({ acts }: ReturnType<typeof planInstallation>) => acts.map(({ kind }) => kind);

type Row = {
  name: string;
  entry: PluginStatus;
  over?: Partial<Observation>;
  acts?: string[];
  status: object;
};
const rows: Row[] = [
  {
    name: 'keeps what is installed, under the digest of today',
    entry: installed,
    over: { jobs: [succeededJob] },
    status: {
      phase: 'Installed',
      installed: RECORD,
      verified: 'Yes',
      job: installed.job,
      startTime: TIME,
      completionTime: TIME,
    },
  },
  {
    name: 'keeps what is installed when its Job is gone',
    entry: installed,
    status: { phase: 'Installed', installed: RECORD },
  },
  {
    name: 'keeps a failure and starts nothing',
    entry: failed,
    over: { jobs: [failedJob] },
    status: { phase: 'Failed', reason: 'PodFailurePolicy', failedDigest: 'digest-1' },
  },
  {
    name: 'keeps a failure whose Job is gone and starts nothing',
    entry: failed,
    status: { phase: 'Failed', reason: 'RenderFailed', failedDigest: 'digest-1' },
  },
  {
    name: 'keeps a failure with a retry stamp and starts nothing',
    entry: failedAfterRetry,
    over: {
      cluster: retried,
      jobs: [job(withDigest('legacy-1', '1'), withStatus(condition('Failed', 'PodFailurePolicy')))],
    },
    status: { phase: 'Failed', failedDigest: failureKey('digest-1', '1') },
  },
  {
    name: 'keeps a failure with a retry stamp whose Job is gone and starts nothing',
    entry: failedAfterRetry,
    over: { cluster: retried },
    status: { phase: 'Failed', failedDigest: failureKey('digest-1', '1') },
  },
  {
    name: 'retries a failure when the retry stamp is new',
    entry: failed,
    over: { cluster: retried, jobs: [failedJob] },
    acts: ['create'],
    status: { phase: 'Installing', reason: 'JobCreating' },
  },
  {
    name: 'follows a Job under way',
    entry: underWay,
    over: { jobs: [legacyJob], pods: [pod({ phase: 'Pending' }, legacyJob)] },
    status: { phase: 'Installing', action: 'install', job: underWay.job, installing: RECORD },
  },
  {
    name: 'counts a Job that ended while no operator ran',
    entry: underWay,
    over: { jobs: [succeededJob], pods: [pod(ended(0, { verified: 'Yes' }), succeededJob)] },
    status: { phase: 'Installed', installed: RECORD, verified: 'Yes' },
  },
  {
    name: 'unsuspends a Job that was not let run yet',
    entry: { name: 'web', namespace: 'demo', phase: 'Installing', reason: 'JobCreating' },
    over: { jobs: [job(withDigest('legacy-1'), suspended)] },
    acts: ['unsuspend'],
    status: { phase: 'Installing', installing: RECORD },
  },
  {
    name: 'installs again what another content was started over since',
    entry: installed,
    over: { jobs: [succeededJob, otherJob] },
    acts: ['delete'],
    status: { phase: 'Pending', reason: 'JobDeleting', installed: withoutDigest(RECORD) },
  },
  {
    name: "creates a Job when only another content's Job is there",
    entry: installed,
    over: { jobs: [otherJob] },
    acts: ['create'],
    status: { phase: 'Installing', installed: withoutDigest(RECORD) },
  },
  {
    name: 'updates what is installed in another digest',
    entry: { ...installed, digest: 'legacy-0' },
    over: { jobs: [job(withDigest('legacy-0'), withStatus(condition('Complete')))] },
    acts: ['create'],
    status: { phase: 'Installing', installed: { kind: 'yaml', digest: 'legacy-0' } },
  },
  {
    name: "keeps the record when the content can't be resolved",
    entry: installed,
    over: { content: problem },
    status: { phase: 'Pending', reason: 'SecretNotFound', installed: { kind: 'yaml', digest: 'legacy-1' } },
  },
];

describe('taking over an entry of an earlier release', () => {
  test.for(rows.map((row) => [row.name, row] as const))('%s', ([, { entry, over, acts = [], status }]) => {
    const plan = takenOver(entry, over);
    expect(actsOf(plan)).toEqual(acts);
    expect(plan.status).toMatchObject(status);
    expect(pluginInstallationStatus.parse(plan.status)).toEqual(plan.status);
  });

  /** The first status was written while the content could not be resolved or the target not be reached. */
  test.for<[string, PluginStatus, Partial<Observation>, object]>([
    ['what is installed', installed, { jobs: [succeededJob] }, { phase: 'Installed', installed: RECORD }],
    ['a failure', failed, { jobs: [failedJob] }, { phase: 'Failed', failedDigest: 'digest-1' }],
    ['a Job under way', underWay, { jobs: [legacyJob] }, { phase: 'Installing', installing: RECORD }],
    ['a Job that has ended', underWay, { jobs: [succeededJob] }, { phase: 'Installed', installed: RECORD }],
  ])('keeps %s when the content could not be resolved at first', ([, entry, over, status]) => {
    const first = takenOver(entry, { ...over, content: problem });
    expect(first.acts).toEqual([]);
    const later = planInstallation(adopt(observation({ recorded: first.status, ...over }), false));
    expect(actsOf(later)).toEqual([]);
    expect(later.status).toMatchObject(status);
  });
});

describe('adopt', () => {
  test('gives Jobs of the legacy digest the digest of today and leaves others alone', () => {
    const { jobs } = adopt(observation({ jobs: [legacyJob, otherJob] }), false);
    expect(jobs.map(({ metadata }) => metadata.annotations?.[ANNOTATION.digest])).toEqual([
      'digest-1',
      'legacy-2',
    ]);
    expect(legacyJob.metadata.annotations?.[ANNOTATION.digest]).toBe('legacy-1');
  });

  test('changes nothing that is in the digests of today', () => {
    const recorded = { installed: RECORD, failedDigest: 'digest-0' };
    const observed = observation({ recorded, jobs: [job()] });
    expect(adopt(observed, false)).toEqual(observed);
  });

  test("changes nothing when the content can't be resolved", () => {
    const observed = observation({ content: problem, jobs: [legacyJob] });
    expect(adopt(observed, true)).toBe(observed);
  });

  test('records the newest Job that was let run as started', () => {
    const never = job(withDigest('legacy-3'), createdAt('2026-01-01T00:09:00Z'), suspended);
    const observed = observation({ content: content(), jobs: [otherJob, succeededJob, never] });
    expect(adopt(observed, true).recorded.installing).toEqual({ ...RECORD, digest: 'legacy-2' });
  });
});

describe('legacyStatus', () => {
  test('is empty without an entry', () => {
    expect(legacyStatus(undefined, plugin())).toEqual({});
  });

  test.for<[string, PluginStatus, ReturnType<typeof plugin> | undefined, object | undefined]>([
    ['manifests', installed, plugin(), { kind: 'yaml', targetNamespace: 'kube-system', digest: 'legacy-1' }],
    [
      'a kustomization',
      installed,
      plugin({ pluginSources: { kustomize: { path: { hostPath: '/opt/web' } } }, targetNamespace: 'web' }),
      { kind: 'kustomize', targetNamespace: 'web', digest: 'legacy-1' },
    ],
    [
      'a chart by its release',
      { ...installed, release: 'ingress', revision: 2 },
      plugin({ pluginSources: { chart: { storage: { hostPath: '/opt/web' } } } }),
      { kind: 'chart', targetNamespace: 'kube-system', release: 'ingress', revision: 2, digest: 'legacy-1' },
    ],
    [
      'a chart of a plugin that is gone, without its namespace',
      { ...installed, release: 'ingress' },
      undefined,
      { kind: 'chart', release: 'ingress', digest: 'legacy-1' },
    ],
    ['nothing of an entry that has installed nothing', failed, plugin(), undefined],
  ])('records %s', ([, entry, of, expected]) => {
    expect(legacyStatus(entry, of).installed).toEqual(expected);
  });

  test('keeps what a status of today says as well', () => {
    const { name: _, namespace: __, digest: ___, ...shared } = installed;
    expect(legacyStatus(installed, plugin())).toMatchObject(shared);
  });

  test('has no field that the schema does not know', () => {
    for (const entry of [installed, failed, underWay]) {
      const status = legacyStatus(entry, plugin());
      expect(pluginInstallationStatus.strict().parse(status)).toEqual(status);
    }
  });
});

describe('legacyEntry', () => {
  const of = (...plugins: PluginStatus[]) => cluster({ status: { plugins } });
  test('is the entry of the plugin', () => {
    expect(legacyEntry(of({ ...installed, name: 'dns' }, installed), 'web')).toBe(installed);
  });

  test.for([
    ['the cluster has no status', cluster()],
    ['the plugin has no entry', of({ ...installed, name: 'dns' })],
    ['an installation has taken it over', of({ ...installed, installation: 'vc.web' })],
  ] as const)('is nothing when %s', ([, object]) => {
    expect(legacyEntry(object, 'web')).toBeUndefined();
  });
});
