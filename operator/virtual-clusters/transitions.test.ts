import { describe, expect, test } from 'vitest';
import type { PluginStatus, VirtualClusterStatus } from '#api/kinds/virtualcluster.ts';
import { TIME } from '#test/observed.ts';
import { transitions } from './transitions.ts';

const status = (
  plugin: Partial<PluginStatus>,
  phase: VirtualClusterStatus['phase'] = 'AllNodeReady',
  reason = 'InstallingPlugins',
): VirtualClusterStatus => ({
  phase,
  reason,
  plugins: [{ name: 'web', phase: 'Installing', ...plugin }],
});
const running = status({ job: 'demo/job', reason: 'PodStarting' });
const mounting = { phase: 'Pending', reason: 'FailedMount' } as const;
const stalled: VirtualClusterStatus['conditions'] = [
  { type: 'Stalled', status: 'True', reason: 'VerifyTimeout', message: 'never', lastTransitionTime: TIME },
];

const pressed = (reason: string, value: 'True' | 'False' = 'True'): VirtualClusterStatus['conditions'] => [
  { type: 'StoragePressure', status: value, reason, message: '', lastTransitionTime: TIME },
];

const rows: [string, VirtualClusterStatus | undefined, VirtualClusterStatus, string[]][] = [
  ['the same status', running, running, []],
  ['the first status', undefined, running, ['InstallingPlugins']],
  ['a new phase', running, { ...running, phase: 'Updating' }, ['InstallingPlugins']],
  ['a new reason of the cluster', running, { ...running, reason: 'Suspended' }, ['Suspended']],
  [
    'a step of a plugin, which has an event of its own',
    running,
    status({ job: 'demo/job', reason: 'Installing' }),
    [],
  ],
  [
    "a reason that is a plugin's, which has an event of its own",
    running,
    status(mounting, 'AllNodeReady', 'FailedMount'),
    [],
  ],
  [
    "a new phase whose reason is a plugin's",
    running,
    status(mounting, 'Updating', 'FailedMount'),
    ['FailedMount'],
  ],
  [
    'a datastore that fills up',
    running,
    { ...running, conditions: pressed('EtcdNearlyFull') },
    ['EtcdNearlyFull'],
  ],
  [
    'a datastore that is full now',
    { ...running, conditions: pressed('EtcdNearlyFull') },
    { ...running, conditions: pressed('EtcdFull') },
    ['EtcdFull'],
  ],
  [
    'a datastore that has room again',
    { ...running, conditions: pressed('EtcdFull') },
    { ...running, conditions: pressed('EtcdHasRoom', 'False') },
    [],
  ],
  [
    'a machine that is given up',
    { ...running, nodes: [{ name: 'w', phase: 'Leaving', step: 'Leave' }] },
    { ...running, nodes: [{ name: 'w', phase: 'Failed', step: 'Leave' }] },
    ['NodeGivenUp'],
  ],
  [
    'a machine that was given up before',
    { ...running, nodes: [{ name: 'w', phase: 'Failed' }] },
    { ...running, nodes: [{ name: 'w', phase: 'Failed' }] },
    [],
  ],
  [
    'a cluster that is complete',
    running,
    { ...running, phase: 'Completed', reason: 'Completed' },
    ['Completed'],
  ],
  ['a cluster that failed', running, { ...running, phase: 'Failed', reason: 'VerifyTimeout' }, ['Failed']],
];

describe('transitions', () => {
  test.for(rows.map(([what, before, after, reasons]) => ({ what, before, after, reasons })))(
    'of $what are the events $reasons',
    ({ before, after, reasons }) => {
      expect(transitions(before, after).map(({ reason }) => reason)).toEqual(reasons);
    },
  );

  test.for([
    'SecretNotFound',
    'KeyNotFound',
    'TargetUnauthorized',
    'TargetUnreachable',
    'NoNodes',
    'DrainBlocked',
  ])('to %s warn, as a person has something to do', (reason) => {
    const [event] = transitions(undefined, { phase: 'Pending', reason });
    expect(event).toMatchObject({ type: 'Warning', reason });
  });

  test.for(['ControlPlaneStarting', 'WaitingForNodes', 'Suspended', 'InstallingPlugins'])(
    'to %s do not warn, as work is in progress',
    (reason) => {
      const [event] = transitions(undefined, { phase: 'Preparing', reason });
      expect(event).toMatchObject({ type: 'Normal', reason });
    },
  );

  test('warn when the cluster is stalled and quote its message', () => {
    const failed: VirtualClusterStatus = { ...running, phase: 'Failed', conditions: stalled };
    expect(transitions(running, failed)).toEqual([
      { type: 'Warning', reason: 'Failed', message: 'Failed: never' },
    ]);
  });
});
