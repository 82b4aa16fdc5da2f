import { expect, test } from 'vitest';
import type { PluginStatus } from '#api/kinds/virtualcluster.ts';
import type { Stage } from '#operator/access/stage.ts';
import type { PluginPlan } from '#operator/installations/observation.ts';
import { type Assessment, assess } from './assess.ts';

type Part = Pick<PluginPlan, 'status' | 'progress'>;
const part = (name: string, progress: Part['progress'], status: Partial<PluginStatus> = {}): Part => {
  const phase = (
    { waiting: 'Pending', working: 'Installing', installed: 'Installed', failed: 'Failed' } as const
  )[progress];
  return { progress, status: { name, phase, reason: phase, message: `${name} it is`, ...status } };
};
const ready: Stage = { kind: 'ready' };
const done = part('done', 'installed');
const failed = part('web', 'failed', { reason: 'VerifyTimeout' });
const working = part('dns', 'working');
const missing = part('gone', 'waiting', { reason: 'ClaimNotFound' });
const problem = { reason: 'TargetUnreachable', message: 'no answer' };

type Row = [string, { stage?: Stage; parts?: Part[]; suspended?: boolean }, Partial<Assessment>];
const rows: Row[] = [
  [
    'no plugins at all: Completed',
    {},
    { phase: 'Completed', ready: true, reconciling: false, stalled: false },
  ],
  ['all installed: Completed', { parts: [done, done] }, { phase: 'Completed', ready: true }],
  [
    'one under way: AllNodeReady',
    { parts: [done, working] },
    { phase: 'AllNodeReady', reason: 'InstallingPlugins', reconciling: true },
  ],
  [
    'one misses a claim: its reason',
    { parts: [done, missing] },
    { phase: 'AllNodeReady', reason: 'ClaimNotFound', reconciling: true },
  ],
  [
    'one is under way and another waits for it: no reason to look',
    { parts: [working, part('web', 'waiting', { reason: 'WaitingForDependency' })] },
    { phase: 'AllNodeReady', reason: 'InstallingPlugins', reconciling: true },
  ],
  [
    'one failed, one under way: not Failed yet',
    { parts: [failed, working] },
    { phase: 'AllNodeReady', reason: 'VerifyTimeout', stalled: false },
  ],
  [
    'one failed, none under way: Failed',
    { parts: [failed, done, missing] },
    { phase: 'Failed', reason: 'VerifyTimeout', stalled: true, reconciling: false },
  ],
  [
    'one that was installed before is under way: Updating',
    { parts: [part('dns', 'working', { verified: 'Yes' })] },
    { phase: 'Updating', reconciling: true },
  ],
  [
    'a pod is kept from starting: its reason',
    { parts: [part('dns', 'working', { phase: 'Pending', reason: 'Unschedulable' })] },
    { reason: 'Unschedulable', reconciling: true },
  ],
  [
    'nodes are on their way: Initialized',
    { stage: { kind: 'initialized', problem, terminal: false } },
    { phase: 'Initialized', reason: 'TargetUnreachable', reconciling: true, stalled: false },
  ],
  [
    'no nodes are asked for: Initialized, and it stays there',
    { stage: { kind: 'initialized', problem, terminal: true } },
    { phase: 'Initialized', reconciling: false, stalled: true },
  ],
  [
    'a node more for a cluster whose plugins are installed: Updating',
    { stage: { kind: 'updating', problem, terminal: false }, parts: [done] },
    { phase: 'Updating', reason: 'TargetUnreachable', ready: false, reconciling: true },
  ],
  [
    'the target does not answer: Preparing',
    { stage: { kind: 'preparing', problem }, parts: [missing] },
    { phase: 'Preparing', reason: 'TargetUnreachable', reconciling: true },
  ],
  [
    'a Secret is missing: Pending and tried again',
    { stage: { kind: 'pending', problem, terminal: false } },
    { phase: 'Pending', reconciling: true, stalled: false },
  ],
  [
    'a kubeconfig is wrong: Pending and stalled',
    { stage: { kind: 'pending', problem, terminal: true } },
    { phase: 'Pending', reconciling: false, stalled: true },
  ],
  [
    'suspended on its way: says so',
    { parts: [working], suspended: true },
    { reason: 'Suspended', reconciling: false },
  ],
  [
    'suspended when all is installed: Completed',
    { parts: [done], suspended: true },
    { phase: 'Completed', reason: 'Completed', ready: true },
  ],
];

test.for(rows)('%s', ([, { stage = ready, parts = [], suspended = false }, expected]) => {
  expect(assess(stage, parts, suspended)).toMatchObject(expected);
});

test('the message counts, and names every plugin that is not installed', () => {
  const { message } = assess(ready, [done, failed, missing, working], false);
  expect(message).toBe(
    '1 of 4 plugins are installed; plugin web: VerifyTimeout: web it is; plugin gone: ClaimNotFound: gone it is; plugin dns is being installed',
  );
});
