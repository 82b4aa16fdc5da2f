import { expect, test } from 'vitest';
import { ANNOTATION } from '#api/contract/names.ts';
import type { VirtualClusterPlugin } from '#api/kinds/objects.ts';
import { systemClock } from '#kube/clock.ts';
import { anExecutorJob } from '#test/builders/executor-job.ts';
import { FakeClock } from '#test/fake-clock.ts';
import type { AdmissionRequest } from './admission/review.ts';
import { jobReviewer } from './mutate-jobs.ts';
import type { PluginReader } from './plugin-reader.ts';

const operatorAccount = 'system:serviceaccount:pinion-system:pinion-operator';
const settings = { allowHostPaths: [], allowSourceCidrs: [], sourceSecureLoose: false };

const plugin = (
  generation: number,
  uid = 'u1',
  path: object = { pvPath: 'store:/pv' },
): VirtualClusterPlugin => ({
  apiVersion: 'kosmos.io/v1alpha1',
  kind: 'VirtualClusterPlugin',
  metadata: { name: 'web', namespace: 'team-a', uid, generation },
  spec: { pluginSources: { yaml: { path } } },
});

function readerOf(cached?: VirtualClusterPlugin, live?: VirtualClusterPlugin) {
  const reads = { live: 0 };
  const plugins: PluginReader = {
    get: () => cached,
    getLive: async () => {
      reads.live++;
      return live;
    },
  };
  return { plugins, reads };
}

const request = (
  changes: Partial<AdmissionRequest> = {},
  annotations: Record<string, string> = {},
): AdmissionRequest => ({
  uid: 'r1',
  kind: { group: 'batch', version: 'v1', kind: 'Job' },
  operation: 'CREATE',
  namespace: 'team-a',
  userInfo: { username: operatorAccount },
  object: anExecutorJob({
    annotations: {
      [ANNOTATION.plugin]: 'web',
      [ANNOTATION.pluginUid]: 'u1',
      [ANNOTATION.pluginGeneration]: '3',
      ...annotations,
    },
  }),
  ...changes,
});

const review = (plugins: PluginReader, of = request()) =>
  jobReviewer({ plugins, settings, operatorAccount, clock: systemClock })(of);

test('jobReviewer uses the cached plugin when it is as new as the Job', async () => {
  const { plugins, reads } = readerOf(plugin(3));
  expect(await review(plugins)).toMatchObject({ allowed: true, object: { kind: 'Job' } });
  expect(reads.live).toBe(0);
});

const live: [string, VirtualClusterPlugin | undefined][] = [
  ['is older than the Job', plugin(2)],
  ['holds an earlier plugin of that name', plugin(9, 'u0')],
  ['does not hold the plugin', undefined],
];
test.each(live)(
  'jobReviewer reads the plugin from the API server when the cache %s',
  async (_what, cached) => {
    const { plugins, reads } = readerOf(cached, plugin(4));
    const verdict = await review(plugins);
    expect(reads.live).toBe(1);
    expect(verdict).toMatchObject({
      allowed: true,
      object: { metadata: { annotations: { [ANNOTATION.injectedGeneration]: '4' } } },
    });
  },
);

const refused: [string, PluginReader, AdmissionRequest, string, RegExp][] = [
  ['the plugin is gone', readerOf().plugins, request(), 'PluginNotFound', /deleted in the meantime/],
  [
    'the plugin was recreated',
    readerOf(undefined, plugin(1, 'u2')).plugins,
    request(),
    'PluginReplaced',
    /recreated/,
  ],
  [
    'the API server has an older plugin too',
    readerOf(plugin(2), plugin(2)).plugins,
    request(),
    'PluginTooOld',
    /retry/,
  ],
  [
    'it names no plugin',
    readerOf(plugin(3)).plugins,
    request({}, { [ANNOTATION.plugin]: '' }),
    'Invalid',
    /lacks the annotation kosmos.io\/plugin/,
  ],
  [
    'another user creates it',
    readerOf(plugin(3)).plugins,
    request({ userInfo: { username: 'eve' } }),
    'Forbidden',
    /not by "eve"/,
  ],
  [
    'its host path is not allowed',
    readerOf(plugin(3, 'u1', { hostPath: '/etc' })).plugins,
    request(),
    'HostPathNotAllowed',
    /--allow-host-path/,
  ],
  [
    'it is not a Job',
    readerOf(plugin(3)).plugins,
    request({ object: { metadata: {} } }),
    'Invalid',
    /not a Job/,
  ],
];
test.each(refused)('jobReviewer refuses a Job when %s', async (_what, plugins, of, reason, message) => {
  expect(await review(plugins, of)).toMatchObject({
    allowed: false,
    reason,
    message: expect.stringMatching(message),
  });
});

test.each([
  ['without the executor label', request({ object: { ...anExecutorJob({}), metadata: {} } })],
  ['that is updated', request({ operation: 'UPDATE' })],
])('jobReviewer allows a Job %s unchanged', async (_what, of) => {
  expect(await review(readerOf(plugin(3)).plugins, of)).toEqual({ allowed: true });
});

test('jobReviewer refuses with Timeout when reading the plugin takes 3 s', async () => {
  const clock = new FakeClock();
  const plugins: PluginReader = { get: () => undefined, getLive: () => new Promise(() => {}) };
  const verdict = jobReviewer({ plugins, settings, operatorAccount, clock })(request());
  await clock.advance(3_000);
  expect(await verdict).toMatchObject({ allowed: false, reason: 'Timeout' });
});
