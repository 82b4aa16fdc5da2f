import { describe, expect, test } from 'vitest';
import type { PluginInstallationStatus } from '#api/kinds/plugininstallation.ts';
import type { PluginStatus } from '#api/kinds/virtualcluster.ts';
import {
  condition,
  job,
  nameOfJob,
  observation,
  plugin,
  TIME,
  withDigest,
  withStatus,
} from '#test/observed.ts';
import { planInstallation } from './plan.ts';
import { adopt, legacyStatus } from './takeover.ts';
import { transition } from './transitions.ts';

const of = { cluster: 'vc', plugin: 'web' };
const installing = (over: PluginInstallationStatus = {}): PluginInstallationStatus => ({
  phase: 'Installing',
  reason: 'PodStarting',
  ...over,
});
const running = installing({ job: 'demo/job' });
const installed = (over: PluginInstallationStatus = {}): PluginInstallationStatus => ({
  ...running,
  phase: 'Installed',
  reason: 'Installed',
  ...over,
});
const failed = (over: PluginInstallationStatus = {}): PluginInstallationStatus => ({
  ...running,
  phase: 'Failed',
  reason: 'VerifyTimeout',
  ...over,
});
const pending = (over: PluginInstallationStatus = {}): PluginInstallationStatus => ({
  phase: 'Pending',
  reason: 'FailedMount',
  ...over,
});
const orphaned: PluginInstallationStatus = { phase: 'Orphaned', reason: 'Disabled', message: 'is left' };

type Status = PluginInstallationStatus | undefined;
const rows: [what: string, before: Status, after: PluginInstallationStatus, reason: string | undefined][] = [
  ['the same status', running, running, undefined],
  ['a new Job', installing(), running, undefined],
  ['a new Job of a plugin that was installed', installed(), installing({ job: 'demo/other' }), undefined],
  [
    'the first step of a Job',
    running,
    installing({ job: 'demo/job', reason: 'Installing' }),
    'PluginInstalling',
  ],
  [
    'the next step of a Job',
    installing({ job: 'demo/job', reason: 'Fetching' }),
    installing({ job: 'demo/job', reason: 'Installing' }),
    undefined,
  ],
  [
    'an attempt that failed',
    running,
    installing({ job: 'demo/job', reason: 'TargetUnreachable', message: 'attempt 1 failed' }),
    'PluginRetrying',
  ],
  ['a plugin that was installed', running, installed(), 'PluginInstalled'],
  ['a plugin that stays installed', installed(), installed(), undefined],
  [
    'a plugin that was installed by another Job',
    installed(),
    installed({ job: 'demo/other' }),
    'PluginInstalled',
  ],
  ['a plugin that failed', running, failed(), 'PluginFailed'],
  ['a plugin that stays failed', failed(), failed(), undefined],
  ['a plugin that failed again in another Job', failed(), failed({ job: 'demo/other' }), 'PluginFailed'],
  ['a plugin that waits', running, pending(), 'FailedMount'],
  ['a plugin that waits for the same', pending(), pending({ message: 'again' }), undefined],
  [
    'a plugin that waits for something else',
    pending(),
    pending({ reason: 'QuotaExceeded' }),
    'QuotaExceeded',
  ],
  ['a plugin whose last Job is being deleted', running, pending({ reason: 'JobDeleting' }), undefined],
  ['a plugin that was disabled', installed(), orphaned, 'PluginOrphaned'],
  ['a plugin that stays disabled', orphaned, { ...orphaned, message: 'is left there' }, undefined],
  ['a plugin that is new', undefined, pending(), 'FailedMount'],
];

const legacy: PluginStatus = {
  name: 'web',
  namespace: 'demo',
  phase: 'Installed',
  reason: 'Installed',
  job: `demo/${nameOfJob('legacy-1')}`,
  startTime: TIME,
};
const complete = withStatus(condition('Complete'));
const failure = withStatus(condition('Failed', 'PodFailurePolicy'));

describe('transition', () => {
  test.for(rows)('of %s is the event %4$s', ([, before, after, reason]) => {
    expect(transition(of, before, after)?.reason).toBe(reason);
  });

  test.for<[string, PluginStatus, ReturnType<typeof job>[]]>([
    ['is installed', { ...legacy, digest: 'legacy-1' }, [job(withDigest('legacy-1'), complete)]],
    [
      'has failed',
      { ...legacy, phase: 'Failed', reason: 'PodFailurePolicy', failedDigest: 'legacy-1' },
      [job(withDigest('legacy-1'), failure)],
    ],
    [
      'is being installed',
      { ...legacy, phase: 'Installing', reason: 'Installing' },
      [job(withDigest('legacy-1'))],
    ],
  ])('is no event when a record is taken over that %s', ([, entry, jobs]) => {
    const before = legacyStatus(entry, plugin());
    const after = planInstallation(adopt(observation({ recorded: before, jobs }), true)).status;
    expect(after.phase).toBe(entry.phase);
    expect(transition(of, before, after)).toBeUndefined();
  });

  test('to Failed names the plugin, the reason, the log and how to retry', () => {
    const event = transition(of, running, failed({ message: 'never\nline 7' }));
    expect(event?.type).toBe('Warning');
    for (const part of [
      'web',
      'VerifyTimeout',
      'never',
      'kubectl logs -n demo job/job',
      'kubectl annotate --overwrite vc vc kosmos.io/retry=',
    ]) {
      expect(event?.message).toContain(part);
    }
    expect(event?.message).not.toContain('line 7');
  });

  test.for([
    ['Yes', ', its command succeeded'],
    ['NotAsked', ', not verified'],
  ] as const)('to Installed says how it was verified: %s', ([verified, text]) => {
    const record = { kind: 'chart', release: 'ingress', revision: 2 } as const;
    const event = transition(of, running, installed({ installed: record, verified }));
    expect(event?.message).toBe(`plugin web: installed as release ingress revision 2${text}`);
  });
});
