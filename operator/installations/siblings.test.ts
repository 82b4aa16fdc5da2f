import { describe, expect, test } from 'vitest';
import { cluster, installation, job, ofPlugin, plugin, recorded, suspended } from '#test/observed.ts';
import { siblingsOf } from './siblings.ts';

type Input = Parameters<typeof siblingsOf>[0];
const given = (over: Partial<Input> = {}) =>
  siblingsOf({
    cluster: cluster(),
    plugins: [plugin()],
    installations: [installation('web', recorded())],
    jobs: [],
    ...over,
  })[0];

const newer = cluster({ metadata: { ...cluster().metadata, generation: 2 } });
const changedPlugin = { ...plugin(), metadata: { ...plugin().metadata, generation: 4 } };
const changedSpec = installation('web', { ...recorded(), observedGeneration: 0 });

describe('siblingsOf', () => {
  test('shows the status of the installation of each plugin', () => {
    const plugins = [plugin({}, { name: 'dns' }), plugin()];
    const installations = [installation('web', recorded()), installation('dns', { phase: 'Failed' })];
    const found = siblingsOf({ cluster: cluster(), plugins, installations, jobs: [] });
    expect(found.map(({ plugin: { metadata }, status }) => [metadata.name, status.phase])).toEqual([
      ['dns', 'Failed'],
      ['web', 'Installed'],
    ]);
  });

  test.for<[string, Partial<Input>, boolean]>([
    ['describes the newest generations', {}, true],
    ['is older than the cluster', { cluster: newer }, false],
    ['is older than the plugin', { plugins: [changedPlugin] }, false],
    ['is older than the installation', { installations: [changedSpec] }, false],
    ['is not written yet', { installations: [installation()] }, false],
    ['belongs to an installation that is not created yet', { installations: [] }, false],
  ])('when a status %s calls it current: %3$s', ([, over, isCurrent]) => {
    expect(given(over)?.isCurrent).toBe(isCurrent);
  });

  test.for<[string, Input['jobs'], boolean]>([
    ['without a Job', [], false],
    ['whose Job is suspended', [job(suspended)], false],
    ['whose Job was let run', [job()], true],
    ['beside a Job of another plugin', [job(ofPlugin('demo', 'dns'))], false],
  ])('calls a plugin %s started: %3$s', ([, jobs, hasStarted]) => {
    expect(given({ jobs })?.hasStarted).toBe(hasStarted);
  });
});
