import { describe, expect, test } from 'vitest';
import type { Job, Pod } from '#kube/resources.ts';
import { beingDeleted, condition, ended, job, pod, RECORD, TIME, withStatus } from '#test/observed.ts';
import { foreignContainers, keptPods } from './kept-pods.ts';

const running = (name: string) => ({ name, state: { running: {} } });
/** A pod whose executor has ended beside these containers. */
const beside = (exitCode: number, ...others: string[]): Pod => {
  const status = ended(exitCode, { reason: exitCode === 0 ? 'Succeeded' : 'ApplyFailed' }, '', 'Running');
  const containerStatuses = [...(status.containerStatuses ?? []), ...others.map(running)];
  return pod({ ...status, containerStatuses });
};
const at = (seconds: number) => Date.parse(TIME) + seconds * 1000;
const later = at(60);
const kept = (over: Partial<Parameters<typeof keptPods>[0]> = {}) =>
  keptPods({ jobs: [job()], pods: [beside(31, 'proxy')], installed: undefined, now: later, ...over });

describe('foreignContainers', () => {
  test.for<[string, Pod, string[]]>([
    ['a pod that is starting', pod(), []],
    [
      'an executor that runs beside a sidecar',
      pod({ phase: 'Running', containerStatuses: [running('executor'), running('proxy')] }),
      [],
    ],
    ['an executor that has ended alone', pod(ended(0)), []],
    ['an executor that has succeeded beside a sidecar', beside(0, 'proxy'), ['proxy']],
    ['an executor that has failed beside two', beside(31, 'proxy', 'agent'), ['proxy', 'agent']],
    [
      'a sidecar that has ended as well',
      pod({
        ...ended(31),
        containerStatuses: [
          ...(ended(31).containerStatuses ?? []),
          { name: 'proxy', state: { terminated: { exitCode: 0 } } },
        ],
      }),
      [],
    ],
    [
      'a fetch that has failed beside a sidecar',
      pod({
        phase: 'Running',
        initContainerStatuses: [{ name: 'fetch', state: { terminated: { exitCode: 11 } } }],
        containerStatuses: [running('proxy')],
      }),
      ['proxy'],
    ],
  ])('of %s', ([, given, expected]) => {
    expect(foreignContainers(given)).toEqual(expected);
  });
});

describe('keptPods', () => {
  test('ends a pod whose executor has failed, without its Job', () => {
    expect(kept()).toMatchObject([{ containers: ['proxy'], isDone: false, inMs: 0 }]);
  });

  test('leaves time for the log to be read', () => {
    expect(kept({ now: at(2) })).toMatchObject([{ inMs: 3_000 }]);
  });

  test('ends a Job that has succeeded, once its result is recorded', () => {
    const pods = [beside(0, 'proxy')];
    expect(kept({ pods })).toEqual([]);
    expect(kept({ pods, installed: { ...RECORD, digest: 'digest-0' } })).toEqual([]);
    expect(kept({ pods, installed: RECORD })).toMatchObject([{ isDone: true, inMs: 0 }]);
  });

  test.for<[string, Job]>([
    ['a Job that has ended', job(withStatus(condition('Failed')))],
    ['a Job that is being deleted', job(beingDeleted)],
  ])('leaves the pod of %s', ([, of]) => {
    expect(kept({ jobs: [of] })).toEqual([]);
  });

  test('leaves a pod that is being deleted, and those of no Job', () => {
    const deleted = beside(31, 'proxy');
    deleted.metadata.deletionTimestamp = TIME;
    expect(kept({ pods: [deleted] })).toEqual([]);
    expect(kept({ jobs: [] })).toEqual([]);
  });
});
