import { describe, expect, test } from 'vitest';
import { ANNOTATION } from '#api/contract/names.ts';
import {
  type PluginInstallationStatus,
  pluginInstallationStatus,
  type RetryRecord,
} from '#api/kinds/plugininstallation.ts';
import type { JobAct } from '#operator/executor-jobs/act.ts';
import {
  beingDeleted,
  cluster,
  condition,
  content,
  createdAt,
  ended,
  injectedWith,
  job,
  nameOfJob,
  observation,
  pod,
  RECORD,
  recorded,
  suspended,
  TIME,
  withDigest,
  withoutDigest,
  withStatus,
} from '#test/observed.ts';
import { type Observation, progressOf } from './observation.ts';
import { planInstallation } from './plan.ts';
import { failureKey, STARTS, stateOf } from './state.ts';

const of = (digest: string) => ({ ...RECORD, digest });
/** A Job of `content()` was started. */
const startedRecord: PluginInstallationStatus = {
  phase: 'Installing',
  action: 'install',
  reason: 'PodStarting',
  installing: RECORD,
};
/** It was started once as `content()` asks, and failed. */
const failedRecord: PluginInstallationStatus = {
  phase: 'Failed',
  reason: 'RenderFailed',
  installing: RECORD,
  failedDigest: 'digest-1',
};
/** It was installed as `content()` asks, and another content was started since. */
const otherStarted: PluginInstallationStatus = {
  phase: 'Installing',
  action: 'install',
  installed: withoutDigest(RECORD),
  installing: of('digest-2'),
};
const retried = cluster({
  metadata: { ...cluster().metadata, annotations: { [ANNOTATION.retry]: '1' } },
});
const unresolved = { reason: 'SecretNotFound', message: 'no Secret', terminal: false };
const hold = { reason: 'TargetUnreachable', message: 'no answer' };
const failedJob = job(withStatus(condition('Failed', 'BackoffLimitExceeded')));
const succeededJob = job(withStatus({ ...condition('Complete'), succeeded: 1 }));
const retriedJob = job(withDigest('digest-1', '1'));

/** The Job after one that has failed. */
const nextJob = job(withDigest('digest-1', '#1'), createdAt('2026-01-01T00:01:00Z'));
/** One Job has failed, which was created at TIME. */
const retryRecord = (over: Partial<RetryRecord> = {}): RetryRecord => ({
  digest: 'digest-1',
  jobs: 1,
  attempts: 1,
  startTime: TIME,
  nextTime: '2026-01-01T00:00:05.000Z',
  reason: 'TargetUnreachable',
  message: 'no route',
  ...over,
});
const later = (time: string) => Date.parse(`2026-01-01T${time}Z`);
const killed = { name: 'executor', state: { terminated: { exitCode: 137, reason: 'OOMKilled' } } };
const runs = {
  phase: 'Running' as const,
  containerStatuses: [{ name: 'executor', state: { running: {} } }],
};

/** A kill between the start of a Job of other content and the deletion of the one before. */
const startedSince = job(withDigest('digest-2'), createdAt('2026-01-01T00:05:00Z'));

type Row = {
  does: string;
  given: Partial<Observation>;
  acts?: string[];
  status: Partial<PluginInstallationStatus>;
  progress: string;
  without?: keyof PluginInstallationStatus;
};

const rows: Row[] = [
  {
    does: 'creates a Job when nothing was installed',
    given: {},
    acts: [`create ${nameOfJob()}`],
    status: { phase: 'Installing', reason: 'JobCreating' },
    progress: 'working',
  },
  {
    does: "waits and says why when the content can't be resolved",
    given: { content: unresolved },
    status: { phase: 'Pending', reason: 'SecretNotFound' },
    progress: 'waiting',
  },
  {
    does: "keeps the record of what is installed when the content can't be resolved any more",
    given: { content: unresolved, recorded: recorded() },
    status: { phase: 'Pending', installed: RECORD, verified: 'Yes' },
    progress: 'waiting',
  },
  {
    does: 'creates no Job while a hold applies',
    given: { hold },
    status: { phase: 'Pending', reason: 'TargetUnreachable' },
    progress: 'waiting',
  },
  {
    does: 'leaves a Job suspended while a hold applies',
    given: { hold, jobs: [job(suspended)] },
    status: { phase: 'Pending', reason: 'TargetUnreachable' },
    progress: 'waiting',
  },
  {
    does: 'follows a Job that runs although a hold applies',
    given: { hold, recorded: startedRecord, jobs: [job()], pods: [pod(ended(0))] },
    status: { phase: 'Installed' },
    progress: 'installed',
  },
  {
    does: 'unsuspends a Job that the webhook has injected',
    given: { jobs: [job(suspended)] },
    acts: [`unsuspend ${nameOfJob()}`],
    status: {
      phase: 'Installing',
      reason: 'PodStarting',
      job: `demo/${nameOfJob()}`,
      installing: RECORD,
    },
    progress: 'working',
  },
  {
    does: 'deletes a Job that was admitted without the webhook',
    given: { jobs: [job(suspended, injectedWith(undefined))] },
    acts: ['delete not injected'],
    status: { phase: 'Pending', reason: 'WebhookUnavailable' },
    progress: 'waiting',
  },
  {
    does: 'deletes a Job into which the webhook put another generation',
    given: { jobs: [job(suspended, injectedWith('4'))] },
    acts: ['delete injected otherwise'],
    status: { phase: 'Pending', reason: 'PluginChanged' },
    progress: 'waiting',
  },
  {
    does: 'waits while the Job is being deleted',
    given: { jobs: [job(beingDeleted)] },
    status: { phase: 'Pending', reason: 'JobDeleting' },
    progress: 'waiting',
  },
  {
    does: 'says that the pod is starting when the Job has none yet',
    given: { jobs: [job()] },
    status: { phase: 'Installing', reason: 'PodStarting', attempts: 0 },
    progress: 'working',
  },
  {
    does: 'shows what keeps the pod from starting',
    given: {
      jobs: [job()],
      pods: [pod()],
      blockage: { reason: 'FailedMount', message: 'no such directory' },
    },
    status: { phase: 'Pending', reason: 'FailedMount', message: 'no such directory' },
    progress: 'working',
  },
  {
    does: 'recreates a Job that is kept from starting when the settings of executor pods have changed',
    given: {
      jobs: [job()],
      pods: [pod()],
      blockage: { reason: 'Unschedulable', message: 'untolerated taint' },
      settingsChanged: true,
    },
    acts: ['delete settings changed'],
    status: { phase: 'Pending', reason: 'JobDeleting' },
    progress: 'waiting',
  },
  {
    does: 'leaves a Job that runs alone when the settings of executor pods have changed',
    given: {
      jobs: [job()],
      pods: [pod({ phase: 'Running', containerStatuses: [{ name: 'executor', state: { running: {} } }] })],
      blockage: { reason: 'BackOff', message: 'an old event' },
      settingsChanged: true,
    },
    status: { phase: 'Pending', reason: 'BackOff' },
    progress: 'working',
  },
  {
    does: 'says that the pod is fetching',
    given: {
      jobs: [job()],
      pods: [pod({ phase: 'Pending', initContainerStatuses: [{ name: 'fetch', state: { running: {} } }] })],
    },
    status: { phase: 'Installing', reason: 'Fetching', attempts: 1 },
    progress: 'working',
  },
  {
    does: 'calls it installed once the executor has reported success, before the Job says so',
    given: {
      recorded: startedRecord,
      jobs: [job()],
      pods: [pod(ended(0, { digest: 'digest-1', revision: 1, verified: 'Yes' }, '', 'Running'))],
    },
    status: {
      phase: 'Installed',
      installed: { ...RECORD, revision: 1 },
      verified: 'Yes',
    },
    progress: 'installed',
  },
  {
    does: 'calls it failed when the executor reports other content than its Job is for',
    given: {
      recorded: startedRecord,
      jobs: [job(withStatus(condition('Complete')))],
      pods: [pod(ended(0, { digest: 'digest-2', revision: 1, verified: 'Yes' }))],
    },
    status: { phase: 'Failed', reason: 'ReportRefused', failedDigest: 'digest-1' },
    progress: 'failed',
  },
  {
    does: 'calls it installed when the Job is complete and its pod is gone',
    given: { recorded: startedRecord, jobs: [succeededJob] },
    status: { phase: 'Installed', installed: RECORD, verified: 'NotAsked', attempts: 1 },
    progress: 'installed',
  },
  {
    does: 'calls it failed once an exit code is terminal, before the Job says so',
    given: {
      recorded: startedRecord,
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
    does: 'waits for the next attempt after a retryable failure',
    given: {
      recorded: startedRecord,
      jobs: [job()],
      pods: [pod(ended(32, { reason: 'TargetUnreachable', message: 'no route' }))],
    },
    acts: ['refresh'],
    status: {
      phase: 'Installing',
      reason: 'TargetUnreachable',
      message: 'attempt 1 failed, retrying: no route',
      attempts: 1,
    },
    progress: 'working',
  },
  {
    does: 'ends a Job between two attempts when the time of the plugin is over',
    given: {
      now: later('00:10:00'),
      recorded: startedRecord,
      jobs: [job()],
      pods: [pod(ended(32, { reason: 'TargetUnreachable', message: 'no route' }))],
    },
    acts: ['end'],
    status: { phase: 'Installing', reason: 'TargetUnreachable' },
    progress: 'working',
  },
  {
    does: 'goes on after a Job whose attempts are used up, while the plugin has time',
    given: {
      now: later('00:03:00'),
      recorded: startedRecord,
      jobs: [failedJob],
      pods: [pod(ended(32, { reason: 'TargetUnreachable', message: 'no route' }))],
    },
    status: {
      phase: 'Installing',
      reason: 'TargetUnreachable',
      message: 'attempt 1 failed, retrying: no route',
      startTime: TIME,
      retry: retryRecord({ nextTime: '2026-01-01T00:03:05.000Z' }),
    },
    progress: 'working',
    without: 'failedDigest',
  },
  {
    does: 'says that the time is over, and when the next Job is created',
    given: {
      now: later('00:10:00'),
      recorded: startedRecord,
      jobs: [failedJob],
      pods: [pod(ended(32, { reason: 'TargetUnreachable', message: 'no route' }))],
    },
    status: {
      phase: 'Failed',
      reason: 'TargetUnreachable',
      message: 'no route. spec.timeout (600 s) is over; Pinion tries again at 2026-01-01T00:11:00Z',
      completionTime: TIME,
      retry: retryRecord({ nextTime: '2026-01-01T00:11:00.000Z' }),
    },
    progress: 'resting',
    without: 'failedDigest',
  },
  {
    does: 'goes on after a failed Job whose pods are gone',
    given: {
      recorded: startedRecord,
      jobs: [job(withStatus(condition('FailureTarget', 'DeadlineExceeded')))],
    },
    status: { phase: 'Installing', reason: 'DeadlineExceeded' },
    progress: 'working',
  },
  {
    does: 'gives up after a Job that its policy for failed pods has ended',
    given: {
      recorded: startedRecord,
      jobs: [job(withStatus(condition('Failed', 'PodFailurePolicy')))],
    },
    status: { phase: 'Failed', reason: 'PodFailurePolicy', failedDigest: 'digest-1' },
    progress: 'failed',
  },
  {
    does: 'gives up when every attempt ran out of memory',
    given: {
      recorded: startedRecord,
      jobs: [failedJob],
      pods: [pod({ phase: 'Failed', containerStatuses: [killed] })],
    },
    status: { phase: 'Failed', reason: 'OOMKilled', failedDigest: 'digest-1' },
    progress: 'failed',
  },
  {
    does: 'goes on with another Job when the target has refused the credentials',
    given: {
      recorded: startedRecord,
      jobs: [job()],
      pods: [pod(ended(34, { reason: 'TargetUnauthorized', message: 'expired' }))],
    },
    status: { phase: 'Installing', reason: 'TargetUnauthorized' },
    progress: 'working',
    without: 'failedDigest',
  },
  {
    does: 'gives up an install that ran out of time in its first attempt',
    given: {
      recorded: startedRecord,
      jobs: [job()],
      pods: [pod(ended(40, { reason: 'InstallTimeout', message: 'not ready' }))],
    },
    status: { phase: 'Failed', reason: 'InstallTimeout', failedDigest: 'digest-1' },
    progress: 'failed',
  },
  {
    does: 'tries an install again that ran out of what another failure had left of its time',
    given: {
      now: later('00:10:00'),
      recorded: { ...startedRecord, retry: retryRecord() },
      jobs: [nextJob],
      pods: [pod(ended(40, { reason: 'InstallTimeout', message: 'not ready' }), nextJob)],
    },
    status: {
      phase: 'Failed',
      reason: 'InstallTimeout',
      attempts: 2,
      retry: retryRecord({
        jobs: 2,
        attempts: 2,
        reason: 'InstallTimeout',
        message: 'not ready',
        nextTime: '2026-01-01T00:12:00.000Z',
      }),
    },
    progress: 'resting',
    without: 'failedDigest',
  },
  {
    does: 'creates no Job before its time',
    given: { recorded: { ...startedRecord, retry: retryRecord() } },
    status: { phase: 'Installing', reason: 'TargetUnreachable', retry: retryRecord() },
    progress: 'working',
  },
  {
    does: 'creates the next Job when its time has come, under a name of its own',
    given: {
      now: later('00:01:00'),
      recorded: { ...startedRecord, retry: retryRecord() },
      jobs: [failedJob],
    },
    acts: [`create ${nameOfJob('digest-1', '#1')}`],
    status: { phase: 'Installing', retry: retryRecord() },
    progress: 'working',
  },
  {
    does: 'says what keeps the next Job back while there is time',
    given: { now: later('00:01:00'), hold, recorded: { ...startedRecord, retry: retryRecord() } },
    status: { phase: 'Pending', reason: 'TargetUnreachable', message: 'no answer', retry: retryRecord() },
    progress: 'waiting',
  },
  {
    does: 'is Failed while the next Job is kept back and the time is over',
    given: { now: later('00:20:00'), hold, recorded: { ...startedRecord, retry: retryRecord() } },
    status: {
      phase: 'Failed',
      message: 'no route. spec.timeout (600 s) is over; Pinion tries again once this has passed',
    },
    progress: 'resting',
  },
  {
    does: 'counts the time of the next Job from the first one of its row',
    given: { now: later('00:02:00'), recorded: { ...startedRecord, retry: retryRecord() }, jobs: [nextJob] },
    status: { startTime: TIME, attempts: 1, retry: retryRecord() },
    progress: 'working',
  },
  {
    does: 'counts the time of a Job anew that was created when the time was over',
    given: {
      recorded: { ...startedRecord, retry: retryRecord() },
      jobs: [job(withDigest('digest-1', '#1'), createdAt('2026-01-01T00:30:00Z'))],
    },
    status: { startTime: '2026-01-01T00:30:00Z' },
    progress: 'working',
  },
  {
    does: 'forgets what failed once the next Job has succeeded',
    given: {
      recorded: { ...startedRecord, retry: retryRecord() },
      jobs: [nextJob],
      pods: [pod(ended(0), nextJob)],
    },
    status: { phase: 'Installed', attempts: 2 },
    progress: 'installed',
    without: 'retry',
  },
  {
    does: 'creates a Job at once when the retry stamp is new',
    given: { cluster: retried, recorded: { ...startedRecord, retry: retryRecord() } },
    acts: [`create ${nameOfJob('digest-1', '1')}`],
    status: { phase: 'Installing' },
    progress: 'working',
  },
  {
    does: 'says that the target does not answer while an executor runs',
    given: { recorded: startedRecord, jobs: [job()], pods: [pod(runs)], targetProblem: hold },
    status: { phase: 'Installing', reason: 'TargetUnreachable', message: 'no answer' },
    progress: 'working',
  },
  {
    does: 'does nothing when it is recorded as installed, although its Job is gone',
    given: { recorded: recorded() },
    status: recorded(),
    progress: 'installed',
  },
  {
    does: 'calls it installed again without a Job when it only waited for a reference',
    given: { recorded: recorded({ phase: 'Pending', reason: 'SecretNotFound' }) },
    status: { phase: 'Installed', reason: 'Installed' },
    progress: 'installed',
  },
  {
    does: 'creates a Job when another digest is recorded, and keeps the record until the Job runs',
    given: {
      recorded: recorded({ installed: of('digest-0') }),
      jobs: [job(withDigest('digest-0'), withStatus(condition('Complete')))],
    },
    acts: [`create ${nameOfJob()}`],
    status: { phase: 'Installing', installed: of('digest-0'), verified: 'Yes' },
    progress: 'working',
  },
  {
    does: 'deletes the old Job once the new one runs, and takes its digest off the record',
    given: {
      recorded: recorded({ installed: of('digest-0') }),
      jobs: [job(withDigest('digest-0'), withStatus(condition('Complete'))), job()],
    },
    acts: ['delete superseded'],
    status: { phase: 'Installing', installed: withoutDigest(RECORD), installing: RECORD },
    progress: 'working',
  },
  {
    does: 'installs it again when another content was started since',
    given: {
      recorded: otherStarted,
      jobs: [job(withDigest('digest-2'), withStatus(condition('Failed')))],
    },
    acts: [`create ${nameOfJob()}`],
    status: { phase: 'Installing' },
    progress: 'working',
  },
  {
    does: 'deletes a Job that had succeeded before another content was started, and calls nothing installed',
    given: {
      recorded: otherStarted,
      jobs: [succeededJob, startedSince],
    },
    acts: ['delete outdated'],
    status: { phase: 'Pending', reason: 'JobDeleting', installed: withoutDigest(RECORD) },
    progress: 'waiting',
  },
  {
    does: 'deletes a Job that had failed before another content was started, to try again',
    given: {
      recorded: { ...failedRecord, installing: of('digest-2') },
      jobs: [failedJob, startedSince],
    },
    acts: ['delete outdated'],
    status: { phase: 'Pending', reason: 'JobDeleting' },
    without: 'failedDigest',
    progress: 'waiting',
  },
  {
    does: 'deletes no outdated Job while a hold applies',
    given: { hold, recorded: otherStarted, jobs: [succeededJob, startedSince] },
    status: { phase: 'Pending', reason: 'TargetUnreachable', installed: withoutDigest(RECORD) },
    progress: 'waiting',
  },
  {
    does: "creates a Job when the outdated one is gone and only another content's Job runs",
    given: { recorded: otherStarted, jobs: [startedSince] },
    acts: [`create ${nameOfJob()}`],
    status: { phase: 'Installing' },
    progress: 'working',
  },
  {
    does: 'creates a Job after a failure when another content was started since',
    given: {
      recorded: { phase: 'Installing', installing: of('digest-2') },
      jobs: [startedSince],
    },
    acts: [`create ${nameOfJob()}`],
    status: { phase: 'Installing' },
    progress: 'working',
  },
  {
    does: 'stays failed when the failure is recorded and the Job is gone',
    given: { recorded: failedRecord },
    status: { phase: 'Failed', failedDigest: 'digest-1' },
    progress: 'failed',
  },
  {
    does: 'creates a Job of another name when it failed and the retry annotation is new',
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
    does: 'creates a Job when the retry annotation is new and the failed Job does not say so yet',
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
    does: 'follows the running Job when the retry annotation changes',
    given: { cluster: retried, jobs: [job()] },
    status: { phase: 'Installing', reason: 'PodStarting' },
    progress: 'working',
  },
  {
    does: 'does nothing when the retry annotation changes on an installed plugin',
    given: { cluster: retried, recorded: recorded(), jobs: [succeededJob] },
    status: recorded(),
    progress: 'installed',
  },
  {
    does: 'remembers a failure after a retry with the stamp',
    given: {
      cluster: retried,
      recorded: startedRecord,
      jobs: [retriedJob],
      pods: [pod(ended(20), retriedJob)],
    },
    status: { phase: 'Failed', failedDigest: failureKey('digest-1', '1') },
    progress: 'failed',
  },
  {
    does: 'deletes a Job of another content that never ran when the wanted content is installed',
    given: {
      recorded: recorded(),
      jobs: [job(withDigest('digest-2'), suspended), succeededJob],
    },
    acts: ['delete superseded'],
    status: recorded(),
    progress: 'installed',
  },
  {
    does: 'deletes a finished Job of which no status says that it was started',
    given: { recorded: {}, jobs: [succeededJob] },
    acts: ['delete outdated'],
    status: { phase: 'Pending', reason: 'JobDeleting' },
    progress: 'waiting',
  },
  {
    does: 'calls it installed when it was orphaned and is wanted again unchanged',
    given: { recorded: recorded({ phase: 'Orphaned', reason: 'Disabled', message: 'is left' }) },
    status: { phase: 'Installed', reason: 'Installed', message: '', installed: RECORD },
    progress: 'installed',
  },
  {
    does: 'creates a Job when it was orphaned while an install was unfinished',
    given: {
      recorded: recorded({ phase: 'Orphaned', reason: 'Disabled', installed: withoutDigest(RECORD) }),
    },
    acts: [`create ${nameOfJob()}`],
    status: { phase: 'Installing', installed: withoutDigest(RECORD) },
    progress: 'working',
  },
  {
    does: 'shows the failure again when it only waited for a reference',
    given: {
      recorded: {
        ...failedRecord,
        phase: 'Pending',
        reason: 'SecretNotFound',
        message: 'no Secret',
        history: [{ attempt: 1, action: 'install', reason: 'RenderFailed', message: 'bad', kind: 'yaml' }],
      },
    },
    status: { phase: 'Failed', reason: 'RenderFailed', message: 'bad', failedDigest: 'digest-1' },
    progress: 'failed',
  },
  {
    does: "keeps the digest of what failed in another content's way while a hold applies",
    given: { hold, cluster: retried, recorded: failedRecord },
    status: { phase: 'Pending', reason: 'TargetUnreachable', failedDigest: 'digest-1' },
    progress: 'waiting',
  },
];

function actOf(act: JobAct): string {
  switch (act.kind) {
    case 'create':
      return `create ${act.name}`;
    case 'unsuspend':
      return `unsuspend ${act.job.metadata.name}`;
    case 'refresh':
    case 'end':
      return act.kind;
    case 'delete':
      return `delete ${act.because}`;
  }
}

describe('planInstallation', () => {
  test.for(rows.map((row) => [row.does, row] as const))('%s', ([, row]) => {
    const plan = planInstallation(observation(row.given));
    expect(plan.acts.map(actOf)).toEqual(row.acts ?? []);
    expect(plan.status).toMatchObject(row.status);
    if (row.without) expect(plan.status).not.toHaveProperty(row.without);
    expect(progressOf(plan.status)).toBe(row.progress);
  });

  test('looks again at what no watch tells of, and waits for a change after a terminal problem', () => {
    const planned = (terminal: boolean) =>
      planInstallation(observation({ content: { ...unresolved, terminal } })).requeueAfterMs;
    expect(planned(false)).toBe(3_000);
    expect(planned(true)).toBeUndefined();
  });

  test('removes the action, the failure and what was being installed once it is installed', () => {
    const given = { recorded: startedRecord, jobs: [job()], pods: [pod(ended(0))] };
    const { status } = planInstallation(observation(given));
    for (const field of ['action', 'installing', 'failedDigest']) expect(status).not.toHaveProperty(field);
  });

  test('keeps a failed verification on the record', () => {
    const pods = [pod(ended(41, { reason: 'VerifyTimeout' }))];
    const given = observation({ recorded: startedRecord, jobs: [job()], pods });
    expect(planInstallation(given).status).toMatchObject({ phase: 'Failed', verified: 'No' });
  });

  test('cuts a message to what the schema allows', () => {
    const given = observation({ content: { ...unresolved, message: 'x'.repeat(5000) } });
    expect(planInstallation(given).status.message).toHaveLength(1024);
    const long = observation({
      recorded: startedRecord,
      jobs: [job()],
      pods: [pod(ended(20, { message: 'é'.repeat(2000) }, 'ü'.repeat(3000)))],
    });
    expect(planInstallation(long).status.message?.length).toBeLessThanOrEqual(1024);
  });
});

/** Every combination of what an installation may be found with. */
const contents = [content(), unresolved, { ...unresolved, message: 'x'.repeat(5000), terminal: true }];
const records = [
  {},
  recorded(),
  recorded({ installed: of('digest-0') }),
  startedRecord,
  failedRecord,
  { ...startedRecord, retry: retryRecord() },
  otherStarted,
  recorded({ phase: 'Orphaned', reason: 'Disabled', installed: withoutDigest(RECORD) }),
];
const jobs = [
  [],
  [job()],
  [failedJob],
  [succeededJob],
  [succeededJob, startedSince],
  [startedSince],
  [retriedJob],
  [job(suspended)],
  [job(suspended, injectedWith(undefined))],
  [job(suspended, injectedWith('4'))],
  [job(beingDeleted)],
];
const pods = [
  [],
  [pod()],
  [pod(ended(0, { verified: 'Yes' }))],
  [pod(ended(20, { message: 'é'.repeat(2000) }))],
];
const blocked = { blockage: { reason: 'QuotaExceeded', message: 'no limits' }, settingsChanged: true };
const combinations: Observation[] = contents.flatMap((content) =>
  records.flatMap((recorded) =>
    jobs.flatMap((jobs) =>
      pods.flatMap((pods) =>
        [cluster(), retried].flatMap((cluster) =>
          [{}, { hold }, blocked].map((kept) =>
            observation({ content, recorded, jobs: [...jobs], pods: [...pods], cluster, ...kept }),
          ),
        ),
      ),
    ),
  ),
);

describe('planInstallation, for every combination of content, record, Jobs, pods, retry, hold and obstacle,', () => {
  test('has a combination for every state', () => {
    const kinds = new Set(combinations.map((observed) => stateOf(observed).kind));
    expect([...kinds].sort()).toEqual(Object.keys(STARTS).sort());
  });

  test('gives the same plan twice and leaves what was observed as it is', () => {
    for (const observed of combinations) {
      const before = structuredClone(observed);
      const plan = planInstallation(observed);
      expect(planInstallation(observed)).toEqual(plan);
      expect(observed).toEqual(before);
    }
  });

  test('plans a status that the schema allows', () => {
    for (const observed of combinations) {
      const { status } = planInstallation(observed);
      expect(pluginInstallationStatus.safeParse(status).error).toBeUndefined();
      // zod strips what it does not know: the API server would drop it as well.
      expect(pluginInstallationStatus.parse(status)).toEqual(status);
    }
  });

  test('starts nothing while a hold applies', () => {
    for (const observed of combinations.filter(({ hold }) => hold)) {
      const { acts } = planInstallation(observed);
      expect(acts.filter(({ kind }) => kind === 'create' || kind === 'unsuspend')).toEqual([]);
    }
  });

  test('never forgets what is in the target', () => {
    for (const observed of combinations) {
      const { installed } = observed.recorded;
      if (installed) expect(planInstallation(observed).status.installed).toBeDefined();
    }
  });

  test('records what a Job installs before the Job runs', () => {
    for (const observed of combinations) {
      const { status, acts } = planInstallation(observed);
      if (acts.some(({ kind }) => kind === 'unsuspend')) expect(status.installing).toEqual(RECORD);
    }
  });
});
