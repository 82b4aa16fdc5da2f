import { describe, expect, test } from 'vitest';
import type { VirtualClusterPluginSpec } from '#api/kinds/virtualclusterplugin.ts';
import { cluster, job, ofPlugin, plugin, pod, TIME, withDigest } from '#test/observed.ts';
import { observe } from './observe.ts';

const settings = { allowHostPaths: ['/opt'], allowSourceCidrs: [], sourceSecureLoose: false };
const never = undefined as never;
const deps = {
  events: never,
  references: never,
  digestKey: { fingerprint: async () => (text: string) => text },
  settings,
  podSettings: never,
  now: () => Date.parse(TIME),
};
const input = {
  cluster: cluster(),
  wanted: { plugin: plugin() },
  recorded: {},
  targetUid: 'target-uid',
  server: 'https://target.example',
  jobs: [],
  pods: [],
};

describe('observe', () => {
  /** What the CRD's schema lets through while the webhook is away: these two fields have no type there. */
  test.each([
    ['hostPath is a number', { yaml: { path: { hostPath: 5 } } }, /hostPath/],
    ['value is not a text', { chart: { storage: { hostPath: '/opt/a' }, values: [5] } }, /values/],
  ] as [string, unknown, RegExp][])(
    'reports a plugin whose %s and does not throw',
    async (_what, sources, message) => {
      const spec = { pluginSources: sources } as VirtualClusterPluginSpec;
      const { observed } = await observe(deps, { ...input, wanted: { plugin: { ...plugin(), spec } } });
      expect(observed.content).toMatchObject({
        reason: 'InvalidPlugin',
        message: expect.stringMatching(message),
      });
    },
  );

  test('records the target in what is to be installed', async () => {
    const { observed } = await observe(deps, input);
    expect(observed.content).toMatchObject({ record: { kind: 'yaml', targetUid: 'target-uid' } });
  });

  test('takes the Jobs of the plugin and their pods, oldest first, from those of the cluster', async () => {
    const own = job();
    const other = job(withDigest('digest-0'), ofPlugin('demo', 'dns'));
    const late = pod({ phase: 'Running' }, own, 'late');
    late.metadata.creationTimestamp = '2026-01-01T00:05:00Z';
    const early = pod({ phase: 'Failed' }, own, 'early');
    const pods = [late, pod({ phase: 'Running' }, other, 'other'), early];
    const { observed } = await observe(deps, { ...input, jobs: [other, own], pods });
    expect(observed.jobs).toEqual([own]);
    expect(observed.pods.map(({ metadata }) => metadata.name)).toEqual(['early', 'late']);
  });

  test('says when to look for what keeps a pod from starting', async () => {
    const { lookAgainMs } = await observe(deps, { ...input, jobs: [job()], pods: [pod()] });
    expect(lookAgainMs).toBe(7_000);
  });
});
