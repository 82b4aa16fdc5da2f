import { expect, test } from 'vitest';
import type { VirtualClusterPluginSpec } from '#api/kinds/virtualclusterplugin.ts';
import { cluster, plugin } from '#test/observed.ts';
import { observePlugin } from './observe.ts';

const target = { server: 'https://target.example', insecureSkipTlsVerify: false };
const settings = { allowHostPaths: ['/opt'], allowSourceCidrs: [], sourceSecureLoose: false };
const never = undefined as never;
const digestKey = { fingerprint: async () => (text: string) => text };

/** What the CRD's schema lets through while the webhook is away: these two fields have no type there. */
test.each([
  ['hostPath is a number', { yaml: { path: { hostPath: 5 } } }, /hostPath/],
  ['a value is no text', { chart: { storage: { hostPath: '/opt/a' }, values: [5] } }, /values/],
] as [string, unknown, RegExp][])(
  'a plugin whose %s is reported, and stops no other',
  async (_what, sources, message) => {
    const spec = { pluginSources: sources } as VirtualClusterPluginSpec;
    const { observation } = await observePlugin(
      { events: never, references: never, digestKey, settings, now: () => 0 },
      { cluster: cluster(), wanted: { plugin: { ...plugin(), spec } }, target, jobs: [], pods: [] },
    );
    expect(observation.content).toMatchObject({
      reason: 'InvalidPlugin',
      message: expect.stringMatching(message),
    });
  },
);
