import { describe, expect, test } from 'vitest';
import type { PluginInstallation } from '#api/kinds/objects.ts';
import {
  HISTORY_LIMIT,
  type PluginInstallationStatus,
  pluginInstallationStatus,
} from '#api/kinds/plugininstallation.ts';
import { isSameStatus, statusPatch } from '#operator/host/status-patch.ts';
import { cluster, installation, plugin, RECORD, TIME } from '#test/observed.ts';
import { buildStatus } from './build-status.ts';
import type { PlannedStatus } from './observation.ts';

const NOW = Date.parse('2026-02-01T00:00:00Z');
const LATER = Date.parse('2026-03-01T00:00:00Z');
const subject = { cluster: cluster(), plugin: plugin() };

const working: PlannedStatus = {
  phase: 'Installing',
  action: 'install',
  reason: 'PodStarting',
  message: 'the executor pod is starting',
  job: 'demo/job-1',
  startTime: TIME,
  installing: RECORD,
};
const ended = { job: 'demo/job-1', startTime: TIME, completionTime: '2026-01-01T00:01:00Z' };
const installed: PlannedStatus = { phase: 'Installed', reason: 'Installed', installed: RECORD, ...ended };
const failed: PlannedStatus = {
  phase: 'Failed',
  reason: 'RenderFailed',
  message: `${'x'.repeat(300)}\nline 7`,
  installing: RECORD,
  failedDigest: 'digest-1',
  ...ended,
};
const waiting: PlannedStatus = { phase: 'Pending', reason: 'SecretNotFound', message: 'no Secret' };
const orphaned: PlannedStatus = { phase: 'Orphaned', reason: 'Disabled', message: '', installed: RECORD };

const statusOf = (of: PluginInstallation, planned: PlannedStatus, now = NOW) =>
  buildStatus(of, subject, planned, now);
/** The installation after these plans, one after the other, a day between them. */
function afterPlans(...plans: PlannedStatus[]): PluginInstallation {
  const made = installation();
  for (const [day, planned] of plans.entries()) {
    made.status = statusOf(made, planned, NOW + day * 86_400_000);
  }
  return made;
}
const conditionsOf = ({ conditions = [] }: PluginInstallationStatus) =>
  Object.fromEntries(conditions.map(({ type, status }) => [type, status]));

describe('buildStatus', () => {
  test.for<[string, PlannedStatus, string, string, string]>([
    ['waits', waiting, 'False', 'True', 'False'],
    ['is being installed', working, 'False', 'True', 'False'],
    ['is installed', installed, 'True', 'False', 'False'],
    ['has failed', failed, 'False', 'False', 'True'],
    ['is orphaned', orphaned, 'False', 'False', 'False'],
  ])('says of one that %s: Ready %3$s, Reconciling %4$s, Stalled %5$s', ([, planned, ...expected]) => {
    const [Ready, Reconciling, Stalled] = expected;
    expect(conditionsOf(statusOf(installation(), planned))).toEqual({ Ready, Reconciling, Stalled });
  });

  test('says which generations it describes', () => {
    expect(statusOf(installation(), waiting)).toMatchObject({
      observedGeneration: 1,
      observedClusterGeneration: 1,
      observedPluginGeneration: 3,
      conditions: [{ observedGeneration: 1 }, { observedGeneration: 1 }, { observedGeneration: 1 }],
    });
  });

  test('describes no generation of a plugin that is gone', () => {
    const status = buildStatus(installation(), { ...subject, plugin: undefined }, waiting, NOW);
    expect(status).not.toHaveProperty('observedPluginGeneration');
  });

  test('keeps the time of a condition while its status stays, also when its reason changes', () => {
    const first = { ...installation(), status: statusOf(installation(), waiting) };
    const second = statusOf(first, working, LATER);
    expect(second.conditions?.map(({ reason }) => reason)).toEqual(Array(3).fill('PodStarting'));
    expect(second.conditions?.map(({ lastTransitionTime }) => Date.parse(lastTransitionTime))).toEqual([
      NOW,
      NOW,
      NOW,
    ]);
  });

  test('gives a condition a new time when its status changes', () => {
    const first = { ...installation(), status: statusOf(installation(), working) };
    const times = Object.fromEntries(
      (statusOf(first, installed, LATER).conditions ?? []).map(({ type, lastTransitionTime }) => [
        type,
        Date.parse(lastTransitionTime),
      ]),
    );
    expect(times).toEqual({ Ready: LATER, Reconciling: LATER, Stalled: NOW });
  });

  test('is the same when it is built again later', () => {
    for (const planned of [waiting, working, installed, failed, orphaned]) {
      const of = { ...installation(), status: statusOf(installation(), planned) };
      expect(isSameStatus(of.status, statusOf(of, planned, LATER))).toBe(true);
    }
  });

  test('drops what is not planned any more', () => {
    const of = { ...installation(), status: statusOf(installation(), failed) };
    const status = statusOf(of, installed, LATER);
    expect(status).not.toHaveProperty('failedDigest');
    expect(status).not.toHaveProperty('installing');
  });

  test('writes what the schema allows', () => {
    for (const planned of [waiting, working, installed, failed, orphaned]) {
      const status = statusOf(installation(), planned);
      expect(pluginInstallationStatus.parse(status)).toEqual(status);
    }
  });
});

const again = (planned: PlannedStatus, n: number): PlannedStatus => ({ ...planned, job: `demo/job-${n}` });

describe('the history of buildStatus', () => {
  test.for<[string, PlannedStatus[], string[]]>([
    ['is empty before an action has ended', [waiting, working], []],
    ['has an install that succeeded', [working, installed], ['Installed']],
    ['has an install that failed', [working, failed], ['RenderFailed']],
    [
      'has an action once, however often it is looked at',
      [working, installed, installed, installed],
      ['Installed'],
    ],
    ['has an action once when it waited in between', [installed, waiting, installed], ['Installed']],
    ['keeps what was there while the plugin waits', [failed, waiting], ['RenderFailed']],
    ['keeps what was there of an orphaned plugin', [installed, orphaned], ['Installed']],
    [
      'has the newest action first',
      [failed, again(working, 2), again(installed, 2)],
      ['Installed', 'RenderFailed'],
    ],
    [
      'has two actions of Jobs of one name',
      [failed, { ...failed, startTime: '2026-01-02T00:00:00Z' }],
      ['RenderFailed', 'RenderFailed'],
    ],
    [
      'leaves out an action whose Job is not known',
      [{ ...waiting, phase: 'Failed', installing: RECORD }],
      [],
    ],
  ])('%s', ([, plans, expected]) => {
    const { history = [] } = afterPlans(...plans).status ?? {};
    expect(history.map(({ reason }) => reason)).toEqual(expected);
  });

  test(`has ${HISTORY_LIMIT} entries at most, and counts on`, () => {
    const plans = Array.from({ length: HISTORY_LIMIT + 3 }, (_, i) => again(failed, i + 1));
    const { status = {} } = afterPlans(...plans);
    expect(status.history?.map(({ attempt }) => attempt)).toEqual([13, 12, 11, 10, 9, 8, 7, 6, 5, 4]);
    expect(status.history?.[0]?.job).toBe('demo/job-13');
    expect(pluginInstallationStatus.safeParse(status).error).toBeUndefined();
  });

  test('has what was installed where, and the first line of the message', () => {
    const [entry] = statusOf(installation(), failed).history ?? [];
    const { targetUid: _, ...location } = RECORD;
    expect(entry).toEqual({
      attempt: 1,
      action: 'install',
      reason: 'RenderFailed',
      message: 'x'.repeat(256),
      ...ended,
      ...location,
    });
  });
});

/** What a merge patch (RFC 7386) makes of a value. */
function merged(value: unknown, patch: unknown): unknown {
  if (patch === null || typeof patch !== 'object' || Array.isArray(patch)) return patch;
  const result: Record<string, unknown> = { ...(value as object) };
  for (const [key, change] of Object.entries(patch)) {
    if (change === null) delete result[key];
    else result[key] = merged(result[key] ?? {}, change);
  }
  return result;
}

describe('statusPatch', () => {
  const { digest: _, targetUid: __, ...stale } = RECORD;
  const chart = { kind: 'chart', targetNamespace: 'edge', release: 'ingress', revision: 3 } as const;
  const states: PlannedStatus[] = [
    waiting,
    working,
    installed,
    failed,
    orphaned,
    { ...working, installed: stale },
    { ...installed, installed: chart },
    { ...working, installing: chart },
  ];

  test('makes every status into every other, also inside of the records', () => {
    for (const from of states) {
      for (const to of states) {
        const of = { ...installation(), status: statusOf(installation(), from) };
        const wanted = statusOf(of, to, LATER);
        const { status } = statusPatch(of, wanted) as { status: unknown };
        expect(merged(of.status, status)).toEqual(wanted);
      }
    }
  });

  test('removes what is no longer there with null', () => {
    const of = { ...installation(), status: { installed: RECORD, failedDigest: 'digest-0' } };
    expect(statusPatch<PluginInstallationStatus>(of, { installed: stale })).toMatchObject({
      status: { failedDigest: null, installed: { ...stale, digest: null, targetUid: null } },
    });
  });

  test('carries the resourceVersion that was decided on', () => {
    const of = installation();
    of.metadata.resourceVersion = '7';
    expect(statusPatch(of, {})).toEqual({ metadata: { resourceVersion: '7' }, status: {} });
  });
});
