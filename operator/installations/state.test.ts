import { describe, expect, test } from 'vitest';
import { ANNOTATION } from '#api/contract/names.ts';
import {
  beingDeleted,
  cluster,
  condition,
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
import type { Observation } from './observation.ts';
import { failureKey, STARTS, type State, stateOf } from './state.ts';

const problem = { reason: 'SecretNotFound', message: 'no Secret', terminal: false };
const complete = job(withStatus(condition('Complete')));
const failed = { phase: 'Failed', installing: RECORD, failedDigest: 'digest-1' } as const;
const retried = cluster({ metadata: { ...cluster().metadata, annotations: { [ANNOTATION.retry]: '1' } } });

const retry = {
  digest: 'digest-1',
  jobs: 1,
  attempts: 5,
  startTime: TIME,
  nextTime: '2026-01-01T00:00:05Z',
  reason: 'TargetUnreachable',
  message: 'no route',
};

const rows: [when: string, given: Partial<Observation>, kind: State['kind']][] = [
  ["the content can't be resolved", { content: problem }, 'Unresolved'],
  [
    "the content can't be resolved and it is installed",
    { content: problem, recorded: recorded() },
    'Unresolved',
  ],
  ['what is recorded as installed is what is wanted', { recorded: recorded() }, 'InSync'],
  ['it is in sync and its Job is still there', { recorded: recorded(), jobs: [complete] }, 'InSync'],
  ['nothing is recorded', {}, 'NotStarted'],
  [
    'another digest is installed',
    { recorded: recorded({ installed: { ...RECORD, digest: 'digest-0' } }) },
    'NotStarted',
  ],
  [
    'a record has lost its digest',
    { recorded: recorded({ installed: withoutDigest(RECORD) }) },
    'NotStarted',
  ],
  ['this content has failed and its Job is gone', { recorded: failed }, 'GivenUp'],
  ['another content has failed', { recorded: { ...failed, failedDigest: 'digest-0' } }, 'NotStarted'],
  [
    'this content has failed and the retry stamp is new',
    { recorded: failed, cluster: retried },
    'NotStarted',
  ],
  [
    'this content has failed with the same retry stamp',
    { recorded: { ...failed, failedDigest: failureKey('digest-1', '1') }, cluster: retried },
    'GivenUp',
  ],
  ['this content has failed in a way that may pass', { recorded: { retry } }, 'Resting'],
  [
    'the time of the next Job has come',
    { recorded: { retry }, now: Date.parse(retry.nextTime) },
    'NotStarted',
  ],
  [
    'another content has failed in a way that may pass',
    { recorded: { retry: { ...retry, digest: 'digest-0' } } },
    'NotStarted',
  ],
  ['its Job is suspended and injected', { jobs: [job(suspended)] }, 'ReadyToStart'],
  [
    'its Job was admitted without the webhook',
    { jobs: [job(suspended, injectedWith(undefined))] },
    'NotInjected',
  ],
  ['its Job has another generation', { jobs: [job(suspended, injectedWith('4'))] }, 'InjectedOtherwise'],
  ['its Job is being deleted', { jobs: [job(beingDeleted)] }, 'JobDeleting'],
  ['its Job runs', { jobs: [job()] }, 'Started'],
  ['its Job has the legacy name', { jobs: [job(withDigest('legacy-1'))] }, 'Started'],
  ['a Job of the same digest runs under another retry stamp', { jobs: [job()], cluster: retried }, 'Started'],
  [
    'its Job is kept from starting by settings that have changed since',
    { jobs: [job()], blockage: { reason: 'QuotaExceeded', message: '' }, settingsChanged: true },
    'SettingsOutdated',
  ],
  [
    'its Job is kept from starting and the settings are the same',
    { jobs: [job()], blockage: { reason: 'QuotaExceeded', message: '' }, settingsChanged: false },
    'Started',
  ],
  [
    'its Job has ended and was started last',
    { jobs: [complete], recorded: { installing: RECORD } },
    'Started',
  ],
  [
    'its Job has ended and another content was started since',
    { jobs: [complete], recorded: { installing: { ...RECORD, digest: 'digest-2' } } },
    'JobOutdated',
  ],
];

describe('stateOf', () => {
  test.for(rows)('when %s is %3$s', ([, given, kind]) => {
    expect(stateOf(observation(given)).kind).toBe(kind);
  });

  test('has a row in this table for every state', () => {
    expect([...new Set(rows.map(([, , kind]) => kind))].sort()).toEqual(Object.keys(STARTS).sort());
  });

  test('names the Job that is to be created after content and retry stamp', () => {
    expect(stateOf(observation())).toMatchObject({ name: nameOfJob() });
    expect(stateOf(observation({ cluster: retried }))).toMatchObject({ name: nameOfJob('digest-1', '1') });
  });

  test('knows a failure that its pod has reported before its Job says so', () => {
    const given = observation({ jobs: [job()], pods: [pod(ended(20))], recorded: { installing: RECORD } });
    expect(stateOf(given)).toMatchObject({ kind: 'Started', outcome: { kind: 'failed' }, key: 'digest-1' });
  });
});
