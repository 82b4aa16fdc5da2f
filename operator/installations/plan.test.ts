import { describe, expect, test } from 'vitest';
import { ANNOTATION } from '#api/contract/names.ts';
import type { PluginInstallationStatus } from '#api/kinds/plugininstallation.ts';
import {
  cluster,
  condition,
  ended,
  job,
  nameOfJob,
  observation,
  pod,
  RECORD,
  recorded,
} from '#test/observed.ts';
import { type Observation, progressOf } from './observation.ts';
import { planInstallation } from './plan.ts';
import { failureKey } from './state.ts';

/** It was started once as `content()` asks, and failed. */
const failedRecord: PluginInstallationStatus = {
  phase: 'Failed',
  reason: 'RenderFailed',
  installing: RECORD,
  failedDigest: 'digest-1',
};
const withDigest = (digest: string) => ({ ...RECORD, digest });
const { digest: _, ...WITHOUT_DIGEST } = RECORD;
const retried = cluster({
  metadata: { ...cluster().metadata, annotations: { [ANNOTATION.retry]: '1' } },
});
const suspended = { spec: { suspend: true } };
const hold = { reason: 'TargetUnreachable', message: 'no answer' };
const failedJob = job({ status: condition('Failed', 'BackoffLimitExceeded') });

/** A kill between the release of a Job of other content and the deletion of the one before. */
const startedSince = job({ digest: 'digest-2', metadata: { creationTimestamp: '2026-01-01T00:05:00Z' } });

type Row = {
  when: string;
  given: Partial<Observation>;
  acts?: string[];
  status: Partial<PluginInstallationStatus>;
  progress: string;
  without?: keyof PluginInstallationStatus;
};

const rows: Row[] = [
  {
    when: 'nothing is there yet, a Job is created',
    given: {},
    acts: [`create ${nameOfJob()}`],
    status: { phase: 'Installing', reason: 'JobCreating' },
    progress: 'working',
  },
  {
    when: 'its content cannot be said, it waits and says why',
    given: { content: { reason: 'SecretNotFound', message: 'no Secret' } },
    status: { phase: 'Pending', reason: 'SecretNotFound' },
    progress: 'waiting',
  },
  {
    when: 'its content cannot be said any more, what was installed stays recorded',
    given: { content: { reason: 'SecretNotFound', message: '' }, recorded: recorded() },
    status: { phase: 'Pending', digest: 'digest-1', verified: 'Yes' },
    progress: 'waiting',
  },
  {
    when: 'a hold is on, no Job is created',
    given: { hold },
    status: { phase: 'Pending', reason: 'TargetUnreachable' },
    progress: 'waiting',
  },
  {
    when: 'a hold is on, a suspended Job is not released',
    given: { hold, jobs: [job(suspended)] },
    status: { phase: 'Pending', reason: 'TargetUnreachable' },
    progress: 'waiting',
  },
  {
    when: 'a hold is on, a Job that runs is followed all the same',
    given: { hold, jobs: [job()], pods: [pod(ended(0))] },
    status: { phase: 'Installed' },
    progress: 'installed',
  },
  {
    when: 'the Job is injected, it is released',
    given: { jobs: [job(suspended)] },
    acts: [`release ${nameOfJob()}`],
    status: { phase: 'Installing', reason: 'JobReleasing', job: `demo/${nameOfJob()}` },
    progress: 'working',
  },
  {
    when: 'the Job was admitted without the webhook, it is deleted',
    given: { jobs: [job({ ...suspended, injected: null })] },
    acts: ['delete not injected'],
    status: { phase: 'Pending', reason: 'WebhookUnavailable' },
    progress: 'waiting',
  },
  {
    when: 'the webhook injected another generation, the Job is deleted',
    given: { jobs: [job({ ...suspended, injected: '4' })] },
    acts: ['delete injected otherwise'],
    status: { phase: 'Pending', reason: 'PluginChanged' },
    progress: 'waiting',
  },
  {
    when: 'the Job is being deleted, it waits for its end',
    given: { jobs: [job({ metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } })] },
    status: { phase: 'Pending', reason: 'JobDeleting' },
    progress: 'waiting',
  },
  {
    when: 'the Job runs and has no pod yet, the pod is starting',
    given: { jobs: [job()] },
    status: { phase: 'Installing', reason: 'PodStarting', attempts: 0 },
    progress: 'working',
  },
  {
    when: 'its pod is kept from starting, the reason is told',
    given: {
      jobs: [job()],
      pods: [pod()],
      blockage: { reason: 'FailedMount', message: 'no such directory' },
    },
    status: { phase: 'Pending', reason: 'FailedMount', message: 'no such directory' },
    progress: 'working',
  },
  {
    when: 'its pod fetches, it says so',
    given: {
      jobs: [job()],
      pods: [pod({ phase: 'Pending', initContainerStatuses: [{ name: 'fetch', state: { running: {} } }] })],
    },
    status: { phase: 'Installing', reason: 'Fetching', attempts: 1 },
    progress: 'working',
  },
  {
    when: 'its executor has reported success, it is installed before its Job says so',
    given: {
      jobs: [job()],
      pods: [pod(ended(0, { release: 'web', revision: 1, verified: 'Yes' }, '', 'Running'))],
    },
    status: { phase: 'Installed', digest: 'digest-1', release: 'web', revision: 1, verified: 'Yes' },
    progress: 'installed',
  },
  {
    when: 'the Job is complete and its pod is gone, it is installed',
    given: { jobs: [job({ status: { ...condition('Complete'), succeeded: 1 } })] },
    status: { phase: 'Installed', digest: 'digest-1', verified: 'NotAsked', attempts: 1 },
    progress: 'installed',
  },
  {
    when: 'a failure is final by its exit code, it has failed before its Job says so',
    given: {
      jobs: [job()],
      pods: [pod(ended(20, { reason: 'RenderFailed', message: 'bad template' }, 'line 7'))],
    },
    status: {
      phase: 'Failed',
      reason: 'RenderFailed',
      failedDigest: 'digest-1',
      message: 'bad template\nline 7',
    },
    progress: 'failed',
  },
  {
    when: 'a failure may be mended, the next attempt is waited for',
    given: { jobs: [job()], pods: [pod(ended(32, { reason: 'TargetUnreachable', message: 'no route' }))] },
    status: { phase: 'Installing', reason: 'TargetUnreachable', attempts: 1 },
    progress: 'working',
  },
  {
    when: 'the Job has failed, the last attempt says why',
    given: {
      jobs: [failedJob],
      pods: [pod(ended(32, { reason: 'TargetUnreachable', message: 'no route' }))],
    },
    status: { phase: 'Failed', reason: 'TargetUnreachable', failedDigest: 'digest-1' },
    progress: 'failed',
  },
  {
    when: 'the Job has failed without a pod, its condition says why',
    given: { jobs: [job({ status: condition('FailureTarget', 'DeadlineExceeded') })] },
    status: { phase: 'Failed', reason: 'DeadlineExceeded' },
    progress: 'failed',
  },
  {
    when: 'it is recorded as installed, nothing is done although its Job is gone',
    given: { recorded: recorded() },
    status: recorded(),
    progress: 'installed',
  },
  {
    when: 'it is recorded as installed and waited meanwhile, it is installed again without a Job',
    given: { recorded: recorded({ phase: 'Pending', reason: 'SecretNotFound' }) },
    status: { phase: 'Installed', reason: 'Installed' },
    progress: 'installed',
  },
  {
    when: 'another digest is recorded, a new Job is created and the record stays until it runs',
    given: {
      recorded: recorded({ digest: 'digest-0' }),
      jobs: [job({ digest: 'digest-0', status: condition('Complete') })],
    },
    acts: [`create ${nameOfJob()}`],
    status: { phase: 'Installing', digest: 'digest-0', verified: 'Yes' },
    progress: 'working',
  },
  {
    when: 'a new Job runs, the old one is deleted and its digest is no longer recorded',
    given: {
      recorded: recorded({ digest: 'digest-0' }),
      jobs: [job({ digest: 'digest-0', status: condition('Complete') }), job()],
    },
    acts: ['delete superseded'],
    status: { phase: 'Installing' },
    without: 'digest',
    progress: 'working',
  },
  {
    when: 'it is recorded but another content was let run since, it is installed again',
    given: { recorded: recorded(), jobs: [job({ digest: 'digest-2', status: condition('Failed') })] },
    acts: [`create ${nameOfJob()}`],
    status: { phase: 'Installing' },
    progress: 'working',
  },
  {
    when: 'its Job had succeeded before another content was let run, that Job is deleted and nothing is called installed',
    given: {
      recorded: recorded(),
      jobs: [job({ status: { ...condition('Complete'), succeeded: 1 } }), startedSince],
    },
    acts: ['delete outdated'],
    status: { phase: 'Pending', reason: 'JobDeleting' },
    without: 'digest',
    progress: 'waiting',
  },
  {
    when: 'the same, and the status of the other content was written, it is no different',
    given: {
      recorded: { name: 'web', phase: 'Installing' },
      jobs: [job({ status: { ...condition('Complete'), succeeded: 1 } }), startedSince],
    },
    acts: ['delete outdated'],
    status: { phase: 'Pending', reason: 'JobDeleting' },
    without: 'digest',
    progress: 'waiting',
  },
  {
    when: 'its Job had failed before another content was let run, it is tried again',
    given: { recorded: failedRecord, jobs: [failedJob, startedSince] },
    acts: ['delete outdated'],
    status: { phase: 'Pending', reason: 'JobDeleting' },
    without: 'failedDigest',
    progress: 'waiting',
  },
  {
    when: 'its Job had ended before another content was let run and a hold is on, nothing is deleted',
    given: { hold, recorded: recorded(), jobs: [job({ status: condition('Complete') }), startedSince] },
    status: { phase: 'Pending', reason: 'TargetUnreachable' },
    without: 'digest',
    progress: 'waiting',
  },
  {
    when: 'that Job is gone and only the other one runs, a new one is created',
    given: { recorded: recorded(), jobs: [startedSince] },
    acts: [`create ${nameOfJob()}`],
    status: { phase: 'Installing' },
    progress: 'working',
  },
  {
    when: 'its failure is recorded, its Job is gone and another content was let run, a new one is created',
    given: { recorded: failedRecord, jobs: [startedSince] },
    acts: [`create ${nameOfJob()}`],
    status: { phase: 'Installing' },
    progress: 'working',
  },
  {
    when: 'its failure is recorded and its Job is gone, it stays failed',
    given: { recorded: failedRecord },
    status: { phase: 'Failed', failedDigest: 'digest-1' },
    progress: 'failed',
  },
  {
    when: 'it failed and the retry annotation is new, it is tried again under another name',
    given: {
      cluster: retried,
      jobs: [failedJob],
      recorded: failedRecord,
    },
    acts: [`create ${nameOfJob('digest-1', '1')}`],
    status: { phase: 'Installing' },
    progress: 'working',
  },
  {
    when: 'it failed, its Job does not say so yet and the retry annotation is new, it is tried again',
    given: {
      cluster: retried,
      jobs: [job()],
      pods: [pod(ended(20, { reason: 'RenderFailed' }))],
      recorded: failedRecord,
    },
    acts: [`create ${nameOfJob('digest-1', '1')}`],
    status: { phase: 'Installing' },
    progress: 'working',
  },
  {
    when: 'the retry annotation changes while a Job runs, that Job goes on',
    given: { cluster: retried, jobs: [job()] },
    status: { phase: 'Installing', reason: 'PodStarting' },
    progress: 'working',
  },
  {
    when: 'the retry annotation changes on an installed plugin, nothing is done',
    given: { cluster: retried, recorded: recorded(), jobs: [job({ status: condition('Complete') })] },
    status: recorded(),
    progress: 'installed',
  },
  {
    when: 'it failed again after a retry, the failure is remembered with the stamp',
    given: { cluster: retried, jobs: [job({ retry: '1' })], pods: [pod(ended(20), job({ retry: '1' }))] },
    status: { phase: 'Failed', failedDigest: failureKey('digest-1', '1') },
    progress: 'failed',
  },
];

describe('when', () => {
  test.for(rows.map((row) => [row.when, row] as const))('%s', ([, row]) => {
    const plan = planInstallation(observation(row.given));
    const acts = plan.acts.map((act) =>
      act.kind === 'create'
        ? `create ${act.name}`
        : act.kind === 'release'
          ? `release ${act.job.metadata.name}`
          : `delete ${act.because}`,
    );
    expect(acts).toEqual(row.acts ?? []);
    expect(plan.status).toMatchObject(row.status);
    if (row.without) expect(plan.status).not.toHaveProperty(row.without);
    expect(progressOf(plan.status)).toBe(row.progress);
  });
});

test('planning twice over the same gives the same', () => {
  for (const { given } of rows)
    expect(planInstallation(observation(given))).toEqual(planInstallation(observation(given)));
});

test('a message never exceeds what the schema allows', () => {
  const given = observation({ content: { reason: 'InvalidSource', message: 'x'.repeat(5000) } });
  expect(planInstallation(given).status.message).toHaveLength(1024);
  const long = observation({
    jobs: [job()],
    pods: [pod(ended(20, { message: 'é'.repeat(2000) }, 'ü'.repeat(3000)))],
  });
  expect(planInstallation(long).status.message?.length).toBeLessThanOrEqual(1024);
});
