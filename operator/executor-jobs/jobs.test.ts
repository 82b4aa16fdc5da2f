import { describe, expect, test } from 'vitest';
import type { Job } from '#kube/resources.ts';
import {
  beingDeleted,
  condition,
  createdAt,
  job,
  nameOfJob,
  ofPlugin,
  pod,
  suspended,
  withDigest,
  withStatus,
} from '#test/observed.ts';
import { attemptsOf, currentJob, isJobOf, podsOf, supersede } from './jobs.ts';

const ofToday = job();
const ofLegacyName = job(withDigest('legacy-1'));
const complete = withStatus(condition('Complete'));
const none = () => false;
const names = [nameOfJob('digest-1', '1'), nameOfJob('legacy-1')];

describe('currentJob', () => {
  test.for<[string, Job[], readonly string[], Job | undefined]>([
    ['nothing without a Job', [], names, undefined],
    ['the Job of the name of today', [ofLegacyName, ofToday], [nameOfJob(), nameOfJob('legacy-1')], ofToday],
    ['the Job of the legacy name when no other is there', [ofLegacyName], names, ofLegacyName],
    ['a Job of the same digest that runs under another retry stamp', [ofToday], names, ofToday],
    ['no Job of the same digest that has ended', [job(complete)], names, undefined],
    ['no Job of another digest', [job(withDigest('digest-2'))], names, undefined],
  ])('is %s', ([, jobs, of, expected]) => {
    expect(currentJob(jobs, { names: of, digest: 'digest-1', hasFailed: none })).toBe(expected);
  });

  test('is no Job that has failed by what its pods have reported', () => {
    expect(currentJob([ofToday], { names, digest: 'digest-1', hasFailed: () => true })).toBeUndefined();
  });
});

const old = job(withDigest('digest-0'), complete);
const newer = job(withDigest('digest-2'), complete, createdAt('2026-01-01T00:05:00Z'));
const gone = job(withDigest('digest-3'), beingDeleted);
const namesOf = (acts: ReturnType<typeof supersede>) =>
  acts.map((act) => (act.kind === 'delete' ? act.job.metadata.name : act.kind));

describe('supersede', () => {
  test('deletes all Jobs but the current one', () => {
    expect(namesOf(supersede([old, newer, ofToday], ofToday))).toEqual([
      nameOfJob('digest-0'),
      nameOfJob('digest-2'),
    ]);
  });

  test('keeps the newest Job when none is current, for its log', () => {
    expect(namesOf(supersede([newer, old], undefined))).toEqual([nameOfJob('digest-0')]);
  });

  test('does not delete a Job again that is being deleted', () => {
    expect(supersede([gone, ofToday], ofToday)).toEqual([]);
  });
});

describe('isJobOf', () => {
  test.for<[Job, boolean]>([
    [job(), true],
    [job(suspended), true],
    [job(ofPlugin('demo', 'dns')), false],
    [job(ofPlugin('other', 'web')), true],
  ])('knows the Jobs of a plugin by its name, in whichever namespace (row %#)', ([of, expected]) => {
    expect(isJobOf(of, { name: 'web' })).toBe(expected);
  });
});

describe('podsOf', () => {
  test('answers the pods of these Jobs, oldest first', () => {
    const late = pod({ phase: 'Pending' }, ofToday, 'late');
    late.metadata.creationTimestamp = '2026-01-01T00:05:00Z';
    const pods = [late, pod({ phase: 'Pending' }, old, 'old'), pod({ phase: 'Pending' }, ofToday, 'early')];
    expect(podsOf(pods, [ofToday]).map(({ metadata }) => metadata.name)).toEqual(['early', 'late']);
  });
});

describe('attemptsOf', () => {
  test.for([
    ['the pods that are there', {}, 2, 2],
    ['pods that are gone as well', { failed: 2, active: 1 }, 1, 3],
    ['an attempt once that succeeded', { succeeded: 1 }, 1, 1],
  ] as const)('counts %s', ([, status, count, expected]) => {
    expect(
      attemptsOf(
        job(withStatus(status)),
        Array.from({ length: count }, () => pod()),
      ),
    ).toBe(expected);
  });
});
