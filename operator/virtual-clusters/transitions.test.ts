import { expect, test } from 'vitest';
import type { PluginStatus, VirtualClusterStatus } from '#api/kinds/virtualcluster.ts';
import { transitions } from './transitions.ts';

const status = (
  plugin: Partial<PluginStatus>,
  phase: VirtualClusterStatus['phase'] = 'AllNodeReady',
): VirtualClusterStatus => ({
  phase,
  reason: 'InstallingPlugins',
  plugins: [{ name: 'web', phase: 'Installing', ...plugin }],
});
const running = status({ job: 'demo/job', reason: 'PodStarting' });

const rows: [string, VirtualClusterStatus | undefined, VirtualClusterStatus, string[]][] = [
  ['the same status is no event', running, running, []],
  ['a new Job is told', status({}), running, ['PluginInstalling']],
  ['a step of the same Job is no event', running, status({ job: 'demo/job', reason: 'Installing' }), []],
  [
    'an attempt that failed is told',
    running,
    status({ job: 'demo/job', reason: 'TargetUnreachable', message: 'attempt 1 failed' }),
    ['PluginRetrying'],
  ],
  ['an installed plugin is told', running, status({ phase: 'Installed', digest: 'a' }), ['PluginInstalled']],
  ['a plugin that failed is told', running, status({ phase: 'Failed', failedDigest: 'a' }), ['PluginFailed']],
  [
    'a plugin that waits is told by its reason',
    running,
    status({ phase: 'Pending', reason: 'FailedMount' }),
    ['FailedMount'],
  ],
  [
    'a plugin that waits for the same is told once',
    status({ phase: 'Pending', reason: 'FailedMount' }),
    status({ phase: 'Pending', reason: 'FailedMount', message: 'again' }),
    [],
  ],
  [
    'a machine that is given up is told',
    { ...running, nodes: [{ name: 'w', phase: 'Leaving', step: 'Leave' }] },
    { ...running, nodes: [{ name: 'w', phase: 'Failed', step: 'Leave' }] },
    ['NodeGivenUp'],
  ],
  [
    'one that was given up before is not told again',
    { ...running, nodes: [{ name: 'w', phase: 'Failed' }] },
    { ...running, nodes: [{ name: 'w', phase: 'Failed' }] },
    [],
  ],
  [
    'a completed cluster is told',
    running,
    { ...running, phase: 'Completed', reason: 'Completed' },
    ['Completed'],
  ],
];

test.for(rows)('%s', ([, before, after, reasons]) => {
  expect(transitions(before, after).map(({ reason }) => reason)).toEqual(reasons);
});

test('the event of a failure names the plugin, the reason, the log and how to have it tried again', () => {
  const [event] = transitions(
    running,
    status({ phase: 'Failed', reason: 'VerifyTimeout', message: 'never', job: 'demo/job' }),
  );
  expect(event?.type).toBe('Warning');
  for (const part of ['web', 'VerifyTimeout', 'never', 'kubectl logs -n demo job/job', 'kosmos.io/retry']) {
    expect(event?.message).toContain(part);
  }
});
