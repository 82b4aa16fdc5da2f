import { describe, expect, test } from 'vitest';
import type { PluginStatus } from '#api/kinds/virtualcluster.ts';
import type { Stage } from '#operator/access/stage.ts';
import { type Assessment, assess } from './assess.ts';
import type { Part } from './project.ts';

const PHASE = {
  waiting: 'Pending',
  unobserved: 'Pending',
  working: 'Installing',
  installed: 'Installed',
  failed: 'Failed',
  resting: 'Failed',
} as const;
const part = (
  name: string,
  progress: Part['progress'],
  entry: Partial<PluginStatus> = {},
  wasInstalled = progress === 'installed',
): Part => {
  const phase = PHASE[progress];
  return {
    progress,
    wasInstalled,
    entry: { name, phase, reason: phase, message: `${name} it is`, ...entry },
  };
};
const ready: Stage = { kind: 'ready' };
const done = part('done', 'installed');
const failed = part('web', 'failed', { reason: 'VerifyTimeout' });
const working = part('dns', 'working');
const missing = part('gone', 'waiting', { reason: 'ClaimNotFound' });
const unobserved = part('new', 'unobserved');
const problem = { reason: 'TargetUnreachable', message: 'no answer' };
const unreachable = part('far', 'waiting', problem);

type Row = [string, { stage?: Stage; parts?: Part[]; suspended?: boolean }, Partial<Assessment>];
const rows: Row[] = [
  [
    'a cluster without plugins',
    {},
    {
      phase: 'Completed',
      reason: 'Completed',
      message: 'the plugin set is empty',
      ready: true,
      reconciling: false,
      stalled: false,
    },
  ],
  ['a cluster whose plugins are all installed', { parts: [done, done] }, { phase: 'Completed', ready: true }],
  [
    'a plugin that is being installed',
    { parts: [done, working] },
    { phase: 'AllNodeReady', reason: 'InstallingPlugins', reconciling: true },
  ],
  [
    'a plugin that misses a claim',
    { parts: [done, missing] },
    { phase: 'AllNodeReady', reason: 'ClaimNotFound', reconciling: true },
  ],
  [
    'a plugin that waits for a dependency',
    { parts: [working, part('web', 'waiting', { reason: 'WaitingForDependency' })] },
    { phase: 'AllNodeReady', reason: 'InstallingPlugins', reconciling: true, stalled: false },
  ],
  [
    'a plugin that waits for a slot',
    { parts: [working, part('web', 'waiting', { reason: 'WaitingForSlot' })] },
    { phase: 'AllNodeReady', reason: 'InstallingPlugins', reconciling: true, stalled: false },
  ],
  [
    'a plugin that waits for its turn and another one that misses a claim',
    { parts: [part('web', 'waiting', { reason: 'WaitingForSlot' }), missing] },
    { phase: 'AllNodeReady', reason: 'ClaimNotFound', reconciling: true },
  ],
  [
    'a plugin that is not observed yet',
    { parts: [done, unobserved] },
    { phase: 'AllNodeReady', reason: 'InstallingPlugins', ready: false, reconciling: true },
  ],
  [
    'a plugin that was installed and is not observed since a change',
    { parts: [done, part('new', 'unobserved', { phase: 'Installed' }, true)] },
    { phase: 'Updating', reason: 'InstallingPlugins', ready: false, reconciling: true },
  ],
  [
    'a plugin that failed while another one is being installed',
    { parts: [failed, working] },
    { phase: 'AllNodeReady', reason: 'VerifyTimeout', stalled: false, reconciling: true },
  ],
  [
    'a plugin that failed while none is being installed',
    { parts: [failed, done, missing] },
    { phase: 'Failed', reason: 'VerifyTimeout', stalled: true, reconciling: false },
  ],
  [
    'a plugin that is being installed and was installed before',
    { parts: [part('dns', 'working', {}, true)] },
    { phase: 'Updating', reconciling: true },
  ],
  [
    'a plugin that waits and was installed before',
    { parts: [done, part('dns', 'waiting', { reason: 'ClaimNotFound' }, true)] },
    { phase: 'Updating', reason: 'ClaimNotFound', reconciling: true },
  ],
  [
    'a pod that is kept from starting',
    { parts: [part('dns', 'working', { phase: 'Pending', reason: 'Unschedulable' })] },
    { reason: 'Unschedulable', reconciling: true },
  ],
  [
    'nodes that are joining',
    { stage: { kind: 'initialized', problem, terminal: false } },
    { phase: 'Initialized', reason: 'TargetUnreachable', reconciling: true, stalled: false },
  ],
  [
    'a spec that requests no nodes',
    { stage: { kind: 'initialized', problem, terminal: true } },
    { phase: 'Initialized', reconciling: false, stalled: true },
  ],
  [
    'another node for a cluster whose plugins are installed',
    { stage: { kind: 'updating', problem, terminal: false }, parts: [done] },
    { phase: 'Updating', reason: 'TargetUnreachable', ready: false, reconciling: true },
  ],
  [
    'a new target that does not answer',
    { stage: { kind: 'preparing', problem }, parts: [missing] },
    { phase: 'Preparing', reason: 'TargetUnreachable', reconciling: true },
  ],
  [
    'a target that a plugin can not reach',
    { parts: [done, unreachable] },
    { phase: 'Preparing', ...problem, ready: false, reconciling: true, stalled: false },
  ],
  [
    'a target that is not ready for a plugin',
    { parts: [part('far', 'waiting', { reason: 'TargetNotReady' })] },
    { phase: 'Preparing', reason: 'TargetNotReady' },
  ],
  [
    'a target that refuses the credentials for a plugin',
    { parts: [part('far', 'waiting', { reason: 'TargetUnauthorized' })] },
    { phase: 'Preparing', reason: 'TargetUnauthorized' },
  ],
  [
    'a plugin whose last attempt did not reach its target',
    { parts: [done, part('far', 'working', problem)] },
    { phase: 'Preparing', ...problem, reconciling: true, stalled: false },
  ],
  [
    'a plugin whose last attempt failed otherwise',
    { parts: [part('far', 'working', { reason: 'ApplyFailed', message: 'attempt 1 failed, retrying: no' })] },
    {
      phase: 'AllNodeReady',
      reason: 'ApplyFailed',
      message: '0 of 1 plugins are installed; plugin far: ApplyFailed: attempt 1 failed, retrying: no',
      reconciling: true,
    },
  ],
  [
    'a plugin that failed and is tried again later',
    { parts: [part('far', 'resting', problem)] },
    { phase: 'Failed', reason: 'TargetUnreachable', reconciling: true, stalled: false },
  ],
  [
    'a plugin that failed for good beside one that is tried again later',
    { parts: [failed, part('far', 'resting', problem)] },
    { phase: 'Failed', reason: 'VerifyTimeout', reconciling: false, stalled: true },
  ],
  [
    'a plugin that failed because of its target',
    { parts: [part('far', 'failed', problem)] },
    { phase: 'Failed', reason: 'TargetUnreachable', stalled: true },
  ],
  [
    'a Secret that is missing',
    { stage: { kind: 'pending', problem, terminal: false } },
    { phase: 'Pending', reconciling: true, stalled: false },
  ],
  [
    'a kubeconfig that is invalid',
    { stage: { kind: 'pending', problem, terminal: true } },
    { phase: 'Pending', reconciling: false, stalled: true },
  ],
  [
    'a cluster that is suspended before its plugins are installed',
    { parts: [working], suspended: true },
    { reason: 'Suspended', ready: false, reconciling: false },
  ],
  [
    'a cluster that is suspended after its plugins are installed',
    { parts: [done], suspended: true },
    { phase: 'Completed', reason: 'Completed', ready: true },
  ],
];

describe('assess', () => {
  test.for(rows)('of %s', ([, { stage = ready, parts = [], suspended = false }, expected]) => {
    expect(assess(stage, parts, suspended)).toMatchObject(expected);
  });

  test('counts, and names every plugin that is not installed', () => {
    const { message } = assess(ready, [done, failed, missing, unobserved, working], false);
    expect(message).toBe(
      '1 of 5 plugins are installed; plugin web: VerifyTimeout: web it is; plugin gone: ClaimNotFound: gone it is; plugin new is being checked; plugin dns is being installed',
    );
  });

  test('quotes the first line of what a plugin says', () => {
    const { message } = assess(ready, [part('web', 'failed', { message: 'bad template\nline 7' })], false);
    expect(message).toBe('0 of 1 plugins are installed; plugin web: Failed: bad template');
  });
});
